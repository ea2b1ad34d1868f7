/** A vendor's file that is read while it is being written. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { Workshop } from '../workshop.ts';
import type { Finding, Lab } from './lab.ts';
import { first, published, succeed } from '../stages.ts';

export const tornFile: Lab = {
  name: 'torn-file',
  about: "a vendor's file that is read before its end is published as a whole day",
  guards: ['a reviews file that has just changed is looked at again'],
  services: ['postgres', 's3'],
  run,
};

async function run(workshop: Workshop): Promise<Finding> {
  const path = (workshop.env['REVIEWS_SOURCE'] ?? '').replace('{ds}', first);
  const whole = await readFile(path, 'utf8');
  const right = await stage(workshop, workshop.bucket, whole, () => pause(1_000));
  await using _ = await workshop.without(...tornFile.guards);
  // It does not look again, so the rest may as well come later.
  const wrong = await stage(workshop, await workshop.anotherBucket(), whole, (end) => end);
  return {
    figures: [
      { what: 'reviews in the file, once it is whole', right: lines(whole), wrong: lines(whole) },
      { what: 'reviews that were published', right, wrong },
    ],
    remarks: [
      'The vendor has written half of the file when the job starts, and writes the rest a little later.',
      'Without the guard, the job publishes the half and ends with 0.',
    ],
  };
}

/** Without its header and the end of its last line. */
const lines = (text: string): string => String(text.trimEnd().split('\n').length - 1);

/** Delivers the file in two halves while it is staged, the second when `rest` says so. Returns the published reviews. */
async function stage(
  workshop: Workshop,
  bucket: TestBucket,
  whole: string,
  rest: (end: Promise<unknown>) => Promise<unknown>,
): Promise<string> {
  const file = join(workshop.scratch, `delivery-${bucket.name}.csv`);
  await writeFile(file, whole.slice(0, whole.indexOf('\n', whole.length / 2) + 1));
  const staged = succeed(workshop, 'stage-reviews', {
    args: [`--ds=${first}`, '--wait=1m'],
    env: { PIPELINE_BUCKET: bucket.name, REVIEWS_SOURCE: file, REVIEWS_SETTLE: '5s' },
  });
  await Promise.all([staged, rest(staged).then(() => writeFile(file, whole))]);
  return String((await published(bucket, 'movie_review/load', first)).totals.rows);
}
