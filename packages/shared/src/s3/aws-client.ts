/** Settings that every AWS client of a job shares. */
import { S3Client } from '@aws-sdk/client-s3';

/** Milliseconds until a connection must stand. */
const connectionTimeout = 5_000;

export interface AwsSettings {
  readonly AWS_REGION: string;
  readonly AWS_ENDPOINT_URL_S3?: string | undefined;
  readonly SOCKET_TIMEOUT?: number;
}

/** A socket that stays silent for so many milliseconds is given up, so that no job hangs for ever. */
export function clientSettings(region: string, endpoint?: string, socketTimeout = 60_000) {
  const requestHandler = { connectionTimeout, socketTimeout };
  return { region, requestHandler, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** Buckets are addressed by path at any endpoint but AWS's own: few other servers answer to bucket host names. */
export function createS3Client(settings: AwsSettings): S3Client {
  const endpoint = settings.AWS_ENDPOINT_URL_S3;
  const client = new S3Client({
    ...clientSettings(settings.AWS_REGION, endpoint, settings.SOCKET_TIMEOUT),
    forcePathStyle: endpoint !== undefined,
    // A request that expects 100-continue gets a connection of its own from the SDK: a TLS handshake a part.
    expectContinueHeader: false,
  });
  leavePayloadUnsigned(client);
  return client;
}

/**
 * A body that is sent with its CRC-32 is not hashed once more for the signature: SHA-256 was half of
 * a large upload's processor time. The CRC-32 is signed, S3 compares it, and TLS guards the way
 * ("UNSIGNED-PAYLOAD" in the chapter on Signature Version 4 of S3's manual).
 */
function leavePayloadUnsigned(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (call) => {
      const { headers } = call.request as { headers: Record<string, string> };
      if (headers['x-amz-checksum-crc32'] !== undefined) {
        headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      }
      return next(call);
    },
    { step: 'build', name: 'leavePayloadUnsigned' },
  );
}
