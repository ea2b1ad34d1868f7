/** Lists the objects under a prefix, a thousand per request. */
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { s3Uri } from '../keys.ts';
import { attempt } from './aws-errors.ts';

export interface Bucket {
  readonly s3: S3Client;
  readonly bucket: string;
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly modified: number;
}

/** The names of the folders below a prefix that ends with a slash, in order, without their slashes. */
export async function listFolders({ s3, bucket }: Bucket, prefix: string): Promise<string[]> {
  const found: string[] = [];
  let token: string | undefined;
  do {
    const page = await attempt(`list ${s3Uri(bucket, prefix)}`, () =>
      s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          Delimiter: '/',
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      ),
    );
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
      found.push(Prefix.slice(prefix.length, -1));
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return found;
}

/** Yields the objects in key order, starting after the key `after` if it is given. */
export async function* listObjects(
  { s3, bucket }: Bucket,
  prefix: string,
  after?: string,
): AsyncGenerator<StoredObject, void> {
  let token: string | undefined;
  do {
    const page = await attempt(`list ${s3Uri(bucket, prefix)}`, () =>
      s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(after === undefined ? {} : { StartAfter: after }),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      ),
    );
    for (const { Key = '', Size = 0, ETag = '', LastModified } of page.Contents ?? []) {
      yield { key: Key, bytes: Size, etag: ETag, modified: LastModified?.getTime() ?? 0 };
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
