/** The variables of `.env.local`, with which jobs and people reach the local cloud. */
import type { KeyPair } from './key-pair.ts';
import { databaseUrl } from './postgres/postgres-service.ts';
import type { ServiceName } from './supervisor/service.ts';

export const region = 'us-east-1';
export const bucket = 'user-behaviour';
export const clusterId = 'j-LOCALCLOUD0';
export const workgroup = 'local';
export const warehouse = 'dev';

/** Every variable that the local cloud sets; it leaves all other lines of an environment file alone. */
export const ownNames = [
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL_EMR',
  'AWS_ENDPOINT_URL_REDSHIFT_DATA',
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
  'PIPELINE_BUCKET',
  'SOURCE_DATABASE_URL',
  'EMR_CLUSTER_ID',
  'REDSHIFT_WORKGROUP',
  'REDSHIFT_DATABASE',
  'SPECTRUM_ROLE_ARN',
] as const;
export type Environment = Partial<Record<(typeof ownNames)[number], string>>;

/** Contains only the variables of the given services. */
export function environmentOf(
  services: readonly ServiceName[],
  ports: Readonly<Record<ServiceName, number>>,
  postgresPassword: string,
  keys: KeyPair,
): Environment {
  const endpoint = (service: ServiceName) => `http://127.0.0.1:${ports[service]}`;
  const ofService: Record<ServiceName, Environment> = {
    postgres: { SOURCE_DATABASE_URL: databaseUrl(ports.postgres, postgresPassword) },
    s3: {
      AWS_ENDPOINT_URL_S3: endpoint('s3'),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint('s3'),
      PIPELINE_BUCKET: bucket,
    },
    emr: { AWS_ENDPOINT_URL_EMR: endpoint('emr'), EMR_CLUSTER_ID: clusterId },
    redshift: {
      AWS_ENDPOINT_URL_REDSHIFT_DATA: endpoint('redshift'),
      REDSHIFT_WORKGROUP: workgroup,
      REDSHIFT_DATABASE: warehouse,
      SPECTRUM_ROLE_ARN: 'arn:aws:iam::000000000000:role/redshift-spectrum',
    },
  };
  return Object.assign(
    {
      AWS_REGION: region,
      // The name that boto3 reads.
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    },
    ...services.map((service) => ofService[service]),
  ) as Environment;
}
