/** One key for every day and run: what is published last is what every manifest names. */
import { readFile } from 'node:fs/promises';
import type { JobName } from '@user-behaviour/shared/pipeline';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { Workshop } from '../workshop.ts';
import type { Finding, Lab } from './lab.ts';
import { first, linesOf, published, second, succeed } from '../stages.ts';

const folder = 'a run writes below its own folder';
const condition = 'a small file is written only where nothing is (If-None-Match)';

/** Whether a line of the published file belongs to the day. */
type IsOfDay = (line: string) => boolean;

interface Overwritten {
  readonly job: JobName;
  readonly dataset: string;
  readonly rows: string;
  readonly ofDay: (workshop: Workshop, ds: string) => Promise<IsOfDay>;
}

const overwritten =
  (what: Overwritten) =>
  async (workshop: Workshop): Promise<Finding> => {
    const { job, rows } = what;
    const [isOfFirst, isOfSecond] = [
      await what.ofDay(workshop, first),
      await what.ofDay(workshop, second),
    ];
    const lookAfterBoth = async (bucket: TestBucket) => {
      for (const ds of [first, second]) {
        const env = { PIPELINE_BUCKET: bucket.name };
        await succeed(workshop, job, { args: [`--ds=${ds}`], env });
      }
      const manifest = await published(bucket, what.dataset, first);
      const lines = await linesOf(bucket, manifest);
      return {
        key: manifest.files[0]?.key ?? '',
        counted: manifest.totals.rows,
        ofFirst: lines.filter(isOfFirst).length,
        ofSecond: lines.filter(isOfSecond).length,
      };
    };
    const right = await lookAfterBoth(workshop.bucket);
    await using _ = await workshop.without(folder, condition);
    const wrong = await lookAfterBoth(await workshop.anotherBucket());
    const compare = (text: string, key: 'counted' | 'ofFirst' | 'ofSecond') => ({
      what: text,
      right: String(right[key]),
      wrong: String(wrong[key]),
    });
    return {
      figures: [
        compare(`${rows} of ${first} that its manifest counts`, 'counted'),
        compare(`${rows} of ${first} in the file that it names`, 'ofFirst'),
        compare(`${rows} of ${second} in that file`, 'ofSecond'),
      ],
      remarks: [
        `Both days were run, ${first} first. The manifest of ${first} names`,
        `  ${right.key} with the guard and`,
        `  ${wrong.key} without it.`,
      ],
    };
  };

export const sharedTempFile: Lab = {
  name: 'shared-temp-file',
  about: 'one temporary file for all days: each extraction replaces the purchases of the last',
  guards: [folder, condition],
  services: ['postgres', 's3'],
  run: overwritten({
    job: 'extract-purchases',
    dataset: 'user_purchase/stage',
    rows: 'purchases',
    ofDay: (_, ds) => Promise.resolve((line) => line.includes(`,${ds} `)),
  }),
};

export const overwriteReviews: Lab = {
  name: 'overwrite-reviews',
  about: 'one key for all reviews: the file of a day replaces that of the day before',
  guards: [folder, condition],
  services: ['postgres', 's3'],
  run: overwritten({
    job: 'stage-reviews',
    dataset: 'movie_review/load',
    rows: 'reviews',
    ofDay: async ({ env }, ds) => {
      const text = await readFile((env['REVIEWS_SOURCE'] ?? '').replace('{ds}', ds), 'utf8');
      const lines = new Set(text.split('\n').slice(1));
      return (line) => lines.has(line);
    },
  }),
};
