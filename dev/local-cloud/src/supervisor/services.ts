/** Puts the parts together: who listens where, and what each must know of the others. */
import { join } from 'node:path';
import { bucket, clusterId, credentials, region, warehouse, workgroup } from '../environment.ts';
import type { Installation } from '../installation.ts';
import { nodePart } from './node-service.ts';
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
  const { stateDir, ports, installation, password } = settings;
  const s3 = { endpoint: settings.s3Endpoint, region, ...credentials };
  const { accessKeyId } = credentials;
  const make: Record<PartName, () => Part> = {
    postgres: () => postgresPart(stateDir, ports.postgres, password),
    s3: () => s3Part(stateDir, ports.s3, installation.python, s3, bucket),
    emr: () =>
      nodePart({
        part: 'emr',
        options: {
          port: ports.emr,
          stateDir: join(stateDir, 'emr'),
          hdfsDir: join(stateDir, 'hdfs'),
          s3,
          accessKeyId,
          spark: installation,
          clusterId,
        },
      }),
    redshift: () =>
      nodePart({
        part: 'redshift',
        options: {
          port: ports.redshift,
          stateDir: join(stateDir, 'redshift'),
          database: warehouse,
          workgroup,
          s3,
          accessKeyId,
        },
      }),
  };
  return names.map((name) => make[name]());
}
