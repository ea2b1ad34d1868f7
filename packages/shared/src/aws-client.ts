/** Settings that every AWS client of a job shares. */
import { S3Client } from '@aws-sdk/client-s3';

/** Milliseconds; a socket that stays silent longer is given up, so that no job hangs for ever. */
const requestHandler = { connectionTimeout: 5_000, socketTimeout: 60_000 } as const;

export interface AwsSettings {
  readonly AWS_REGION: string;
  readonly AWS_ENDPOINT_URL_S3?: string | undefined;
}

export function clientSettings(region: string, endpoint: string | undefined) {
  return { region, requestHandler, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** Buckets are addressed by path at any endpoint but AWS's own: few other servers answer to bucket host names. */
export function createS3Client(settings: AwsSettings): S3Client {
  const endpoint = settings.AWS_ENDPOINT_URL_S3;
  return new S3Client({
    ...clientSettings(settings.AWS_REGION, endpoint),
    forcePathStyle: endpoint !== undefined,
  });
}
