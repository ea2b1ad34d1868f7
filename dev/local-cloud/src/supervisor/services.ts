/** Creates the services and connects them to each other. */
import { bucket, credentials, region } from '../environment.ts';
import type { Installation } from '../installation.ts';
import { emulatorService, withWarehouse } from './emulator-service.ts';
import type { PortName, Service, ServiceName } from './service.ts';
import { postgresService } from '../postgres/postgres-service.ts';
import { s3Service } from '../s3/s3-service.ts';

export interface ServiceSettings {
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly s3Endpoint: string;
  readonly installation: Installation;
  readonly password: string;
}

/** Returns the services in the order of `names`. */
export function makeServices(
  names: readonly ServiceName[],
  settings: ServiceSettings,
): readonly Service[] {
  const { stateDir, ports, s3Endpoint, installation, password } = settings;
  const emulator = (name: 'emr' | 'redshift') =>
    emulatorService(name, { ...settings, port: ports[name] });
  const s3 = { endpoint: s3Endpoint, region, ...credentials };
  const make: Record<ServiceName, () => Service> = {
    postgres: () => postgresService(stateDir, ports.postgres, password),
    s3: () => s3Service(stateDir, ports.s3, installation.python, s3, bucket),
    emr: () => emulator('emr'),
    redshift: () => withWarehouse(emulator('redshift'), ports.warehouse, password),
  };
  return names.map((name) => make[name]());
}
