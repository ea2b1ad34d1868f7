/** One endpoint alone, in the foreground, with an S3 that is elsewhere: how a container runs it. */
import { join } from 'node:path';
import { bucket, clusterId, credentials, region, warehouse, workgroup } from '../environment.ts';
import { defaultPython, findInstallation } from '../installation.ts';
import { makeBucket } from '../s3/s3-service.ts';

export const endpointNames = ['emr', 'redshift'] as const;
export type EndpointName = (typeof endpointNames)[number];

export interface EndpointPlace {
  /** Holds its data; made when it is not there. */
  readonly stateDir: string;
  /** The address to listen on, e.g. 0.0.0.0 in a container. */
  readonly host: string;
  readonly port: number;
  /** The address of S3, as seen from here. */
  readonly s3: string;
  readonly log: (line: string) => void;
}

export interface RunningEndpoint {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Resolves once it answers. The pipeline's bucket is made when S3 has none.
 * @throws NotInstalled when EMR finds no PySpark or Java; an error when S3 does not answer.
 */
export async function startEndpoint(
  name: EndpointName,
  { stateDir, host, port, s3: endpoint, log }: EndpointPlace,
): Promise<RunningEndpoint> {
  const s3 = { endpoint, region, ...credentials };
  const { accessKeyId } = credentials;
  const spark = await findInstallation([name], defaultPython);
  await makeBucket(s3, bucket);
  const served = { host, port, s3, accessKeyId, log, stateDir: join(stateDir, name) };
  if (name === 'emr') {
    const { startEmr } = await import('@user-behaviour/local-emr/server');
    return startEmr({ ...served, hdfsDir: join(stateDir, 'hdfs'), spark, clusterId });
  }
  const { startRedshift } = await import('@user-behaviour/local-redshift/server');
  return startRedshift({ ...served, database: warehouse, workgroup });
}
