/** Puts the parts together: who listens where, and what each must know of the others. */
import { bucket, credentials, region } from '../environment.ts';
import type { Installation } from '../installation.ts';
import { emulatorService } from './emulator-service.ts';
import type { Part, PartName } from './service.ts';
import { postgresPart } from '../postgres/postgres-service.ts';
import { s3Part } from '../s3/s3-service.ts';

export interface PartSettings {
  readonly stateDir: string;
  readonly ports: Readonly<Record<PartName, number>>;
  readonly s3Endpoint: string;
  readonly installation: Installation;
  readonly password: string;
}

/** The parts of these names, in the order given. */
export function makeParts(names: readonly PartName[], settings: PartSettings): readonly Part[] {
  const { stateDir, ports, s3Endpoint, installation, password } = settings;
  const s3 = { endpoint: s3Endpoint, region, ...credentials };
  const make: Record<PartName, () => Part> = {
    postgres: () => postgresPart(stateDir, ports.postgres, password),
    s3: () => s3Part(stateDir, ports.s3, installation.python, s3, bucket),
    emr: () => emulatorService('emr', { stateDir, port: ports.emr, s3Endpoint }),
    redshift: () => emulatorService('redshift', { stateDir, port: ports.redshift, s3Endpoint }),
  };
  return names.map((name) => make[name]());
}
