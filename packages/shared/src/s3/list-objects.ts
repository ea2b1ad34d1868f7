/** Lists the objects under a prefix, a thousand per request. */
import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
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
export async function listFolders(bucket: Bucket, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { CommonPrefixes = [] } of pages(bucket, { Prefix: prefix, Delimiter: '/' })) {
    for (const { Prefix = '' } of CommonPrefixes) found.push(Prefix.slice(prefix.length, -1));
  }
  return found;
}

/** Yields the objects in key order, starting after the key `after` if it is given. */
export async function* listObjects(
  bucket: Bucket,
  prefix: string,
  after?: string,
): AsyncGenerator<StoredObject, void> {
  const start = after === undefined ? {} : { StartAfter: after };
  for await (const { Contents = [] } of pages(bucket, { Prefix: prefix, ...start })) {
    for (const { Key = '', Size = 0, ETag = '', LastModified } of Contents) {
      yield { key: Key, bytes: Size, etag: ETag, modified: LastModified?.getTime() ?? 0 };
    }
  }
}

async function* pages(
  { s3, bucket }: Bucket,
  what: Pick<ListObjectsV2CommandInput, 'Delimiter' | 'StartAfter'> & { readonly Prefix: string },
): AsyncGenerator<ListObjectsV2CommandOutput, void> {
  let token: string | undefined;
  do {
    const page = await attempt(`list ${s3Uri(bucket, what.Prefix)}`, () =>
      s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          ...what,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      ),
    );
    yield page;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
