/** What an earlier attempt with the same `--run-id` may have left in the folder of the run. */
import { Failure } from '@user-behaviour/shared/failure';
import { s3Uri } from '@user-behaviour/shared/keys';
import { type Bucket, listObjects } from '@user-behaviour/shared/s3/list-objects';
import type { OutputFormat } from './output-format.ts';

/**
 * A partition is a folder, so all of its files must have one format. They are not removed here: the earlier attempt may
 * still be running.
 * @throws a usage failure if the folder has a file of another format.
 */
export async function requireOneFormat(
  where: Bucket,
  folder: string,
  format: OutputFormat,
): Promise<void> {
  for await (const { key } of listObjects(where, folder)) {
    if (key.endsWith(`.${format}`)) continue;
    throw new Failure(
      'usage',
      `an earlier attempt of this run left ${s3Uri(where.bucket, key)}, and OUTPUT_FORMAT is ${format} now: a run has files of one format`,
      { action: 'choose another --run-id, or omit it' },
    );
  }
}
