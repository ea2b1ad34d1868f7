/** The variables of `.env.local`, with which jobs and people reach the local cloud. */
import type { KeyPair } from './key-pair.ts';
import type { Login } from './postgres/logins.ts';
import { databaseUrl } from './postgres/postgres-service.ts';
import type { PortName, ServiceName } from './supervisor/service.ts';

export const region = 'us-east-1';
export const bucket = 'user-behaviour';
export const clusterId = 'j-LOCALCLOUD0';
export const workgroup = 'local';
export const warehouse = 'dev';
export const warehouseUser = 'awsuser';

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
  'REDSHIFT_HOST',
  'REDSHIFT_PORT',
  'REDSHIFT_USER',
  'REDSHIFT_PASSWORD',
  'REDSHIFT_URL',
  'SPECTRUM_ROLE_ARN',
] as const;
export type Environment = Partial<Record<(typeof ownNames)[number], string>>;

export interface Access {
  readonly source: Login;
  /** The password. */
  readonly warehouse: string;
}

/** Contains only the variables of the given services. */
export function environmentOf(
  services: readonly ServiceName[],
  ports: Readonly<Record<PortName, number>>,
  { source, warehouse: ofWarehouse }: Access,
  keys: KeyPair,
): Environment {
  const endpoint = (service: ServiceName) => `http://127.0.0.1:${ports[service]}`;
  const ofService: Record<ServiceName, Environment> = {
    postgres: { SOURCE_DATABASE_URL: databaseUrl(ports.postgres, source) },
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
      ...warehouseAccess(ports.warehouse, ofWarehouse),
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

/** What psql and other clients of the PostgreSQL protocol need; the names are not the job's. */
function warehouseAccess(port: number, password: string): Environment {
  const login = `${warehouseUser}:${encodeURIComponent(password)}`;
  return {
    REDSHIFT_HOST: '127.0.0.1',
    REDSHIFT_PORT: String(port),
    REDSHIFT_USER: warehouseUser,
    REDSHIFT_PASSWORD: password,
    REDSHIFT_URL: `postgres://${login}@127.0.0.1:${port}/${warehouse}`,
  };
}
