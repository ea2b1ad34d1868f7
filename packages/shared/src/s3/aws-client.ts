/** Creates AWS clients with the settings that all clients of a job share. */
import { S3Client } from '@aws-sdk/client-s3';

/** Timeout for opening a connection, in milliseconds. */
const connectionTimeout = 5_000;

export interface AwsSettings {
  readonly AWS_REGION: string;
  readonly AWS_ENDPOINT_URL_S3?: string | undefined;
  readonly SOCKET_TIMEOUT?: number;
}

/** The socket timeout, in milliseconds, prevents a job from hanging on a silent connection. */
export function clientSettings(region: string, endpoint?: string, socketTimeout = 60_000) {
  const requestHandler = { connectionTimeout, socketTimeout };
  return { region, requestHandler, ...(endpoint === undefined ? {} : { endpoint }) };
}

/** At a custom endpoint, buckets are addressed by path, because few other servers support bucket host names. */
export function createS3Client(settings: AwsSettings): S3Client {
  const endpoint = settings.AWS_ENDPOINT_URL_S3;
  const client = new S3Client({
    ...clientSettings(settings.AWS_REGION, endpoint, settings.SOCKET_TIMEOUT),
    forcePathStyle: endpoint !== undefined,
    // The SDK opens a separate connection for a request that expects 100-continue: one TLS handshake per part.
    expectContinueHeader: false,
  });
  leavePayloadUnsigned(client);
  return client;
}

/**
 * Does not hash a body for the signature if the request contains its CRC-32, because SHA-256 took half
 * of a large upload's CPU time. The CRC-32 is signed, S3 verifies it, and TLS protects the transfer (see
 * "UNSIGNED-PAYLOAD" in the chapter on Signature Version 4 of the S3 manual).
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
