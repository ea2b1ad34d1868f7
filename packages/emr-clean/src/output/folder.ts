/** A folder of the bucket: listed and emptied. */
import { DeleteObjectsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';

export interface Bucket {
  readonly s3: S3Client;
  readonly bucket: string;
}

export interface Listed {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
}

export async function list({ s3, bucket }: Bucket, prefix: string): Promise<Listed[]> {
  const listed: Listed[] = [];
  let token: string | undefined;
  do {
    const page = await attempt(`list ${s3Uri(bucket, prefix)}`, () =>
      s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      ),
    );
    for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) {
      listed.push({ key: Key, bytes: Size, etag: ETag });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return listed;
}

/** Removes whatever lies under the prefix; it must end with a slash, so that it is one folder's. */
export async function clear(where: Bucket, prefix: string): Promise<void> {
  const keys = (await list(where, prefix)).map(({ key }) => ({ Key: key }));
  for (let start = 0; start < keys.length; start += 1_000) {
    const Objects = keys.slice(start, start + 1_000);
    const uri = s3Uri(where.bucket, prefix);
    const { Errors = [] } = await attempt(`remove ${uri}`, () =>
      where.s3.send(
        new DeleteObjectsCommand({ Bucket: where.bucket, Delete: { Objects, Quiet: true } }),
      ),
    );
    if (Errors.length > 0) {
      throw new Failure('transient', `could not remove ${uri}: ${String(Errors[0]?.Code)}`);
    }
  }
}
