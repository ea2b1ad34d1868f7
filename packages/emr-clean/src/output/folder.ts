/** Deletes a folder of the bucket. */
import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { type Bucket, listObjects } from '@user-behaviour/shared/s3/list-objects';
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';

/** The most keys that one DeleteObjects request takes. */
const keysPerRequest = 1_000;

/** Deletes every object under the prefix. End it with a slash, or it matches other folders too. */
export async function deleteFolder(where: Bucket, prefix: string): Promise<void> {
  const uri = s3Uri(where.bucket, prefix);
  const objects = await Array.fromAsync(listObjects(where, prefix));
  for (let start = 0; start < objects.length; start += keysPerRequest) {
    const Objects = objects.slice(start, start + keysPerRequest).map(({ key }) => ({ Key: key }));
    const { Errors = [] } = await attempt(`delete ${uri}`, () =>
      where.s3.send(
        new DeleteObjectsCommand({ Bucket: where.bucket, Delete: { Objects, Quiet: true } }),
      ),
    );
    const [first] = Errors;
    if (first !== undefined) {
      throw new Failure(
        'transient',
        `could not delete ${String(Errors.length)} objects of ${uri}: ${String(first.Code)}`,
      );
    }
  }
}
