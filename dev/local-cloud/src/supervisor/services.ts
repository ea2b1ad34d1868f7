/** Creates the services and connects them to each other. */
import { bucket, region } from '../environment.ts';
import type { Installation } from '../installation.ts';
import type { KeyPair } from '../key-pair.ts';
import { emulatorService, withWarehouse } from './emulator-service.ts';
import type { PortName, Service, ServiceName } from './service.ts';
import type { Logins } from '../postgres/logins.ts';
import { postgresService } from '../postgres/postgres-service.ts';
import { s3Service } from '../s3/s3-service.ts';

export interface ServiceSettings {
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly s3Endpoint: string;
  readonly installation: Installation;
  readonly logins: Logins;
  readonly warehousePassword: string;
  readonly keys: KeyPair;
  /** Host names at any port. */
  readonly allowedHosts: readonly string[];
  readonly takesFaults: boolean;
}

/** Returns the services in the order of `names`. */
export function makeServices(
  names: readonly ServiceName[],
  settings: ServiceSettings,
): readonly Service[] {
  const { stateDir, ports, s3Endpoint, installation, logins, keys, allowedHosts } = settings;
  const emulator = (name: 'emr' | 'redshift') =>
    emulatorService(name, { ...settings, port: ports[name] });
  const s3 = { endpoint: s3Endpoint, region, ...keys };
  const make: Record<ServiceName, () => Service> = {
    postgres: () => postgresService(stateDir, ports.postgres, logins),
    s3: () => s3Service(stateDir, ports.s3, installation.python, s3, bucket, allowedHosts),
    emr: () => emulator('emr'),
    redshift: () =>
      withWarehouse(emulator('redshift'), ports.warehouse, settings.warehousePassword),
  };
  return names.map((name) => make[name]());
}
