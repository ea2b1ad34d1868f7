/** What another attempt with the same `--run-id` may have left in the folder of the run. */
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import { type Bucket, listObjects } from '@user-behaviour/shared/s3/list-objects';

/**
 * A partition is a folder, so readers take all of its files: also those of an attempt that divided the day otherwise,
 * or that wrote another format. They are not removed here: that attempt may still be running.
 * @throws a usage failure if the folder has a file that is not one of these.
 */
export async function requireNoOtherFiles(
  where: Bucket,
  folder: string,
  files: readonly { readonly key: string }[],
): Promise<void> {
  const own = new Set(files.map(({ key }) => key));
  for await (const { key } of listObjects(where, folder)) {
    if (own.has(key)) continue;
    throw new Failure(
      'usage',
      `another attempt of this run left ${s3Uri(where.bucket, key)}, which this one has not written: readers take all files of the folder`,
      { action: 'choose another --run-id, or omit it' },
    );
  }
}
