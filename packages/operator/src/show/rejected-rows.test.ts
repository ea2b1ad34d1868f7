import { parseDs } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import { fakeS3, s3Error } from '@user-behaviour/testkit/fake-s3';
import { expect, it } from 'vitest';
import { operatorConfiguration } from '../config.ts';
import { showRejects } from './rejected-rows.ts';

const ds = parseDs('2010-12-01');
const configuration = operatorConfiguration({
  PIPELINE_BUCKET: 'stages',
  AWS_REGION: 'eu-west-1',
  REDSHIFT_DATABASE: 'dev',
});

const manifest = (dataset: Dataset, run: string) =>
  JSON.stringify(
    completeManifest(
      {
        ...{ dataset, ds, run, job: { name: 'j', version: '1' } },
        ...{ parameters: {}, upstream: [], files: [] },
        ...{ startedAt: new Date(0), finishedAt: new Date('2010-12-02T00:15:00Z') },
      },
      1,
    ),
  );

const line = (reason: string, text: string) => JSON.stringify({ line: text, reason });
const datasetOf = (key: string): Dataset =>
  key.startsWith('movie_review/') ? 'movie_review/stage' : 'user_purchase/stage';

const content = `${line('bad_cid', 'x,good')}\n${line('null_review', '7,')}\n`;

const purchases = 'reason,invoice_number\n"price, not a number",536365\n"quantity",536366\n';

/** A bucket with rejects of these runs, and the time of each in the night of 2 December. */
function lookAt(
  published: string | undefined,
  rejects: Readonly<Record<string, string>>,
  rejectedPurchases: Readonly<Record<string, string>> = {},
) {
  const { client } = fakeS3(({ name, input }) => {
    if (name === 'ListObjectsV2') {
      const isReviews = String(input['Prefix']).startsWith('movie_review/');
      const Contents = Object.entries(isReviews ? rejects : rejectedPurchases).map(
        ([run, time]) => ({
          Key: isReviews
            ? `movie_review/rejects/2010-12-01/${run}/part-0.json`
            : `user_purchase/rejects/2010-12-01/${run}/rejected_purchases.csv`,
          Size: content.length,
          LastModified: new Date(`2010-12-02T${time}:00Z`),
        }),
      );
      return { Contents };
    }
    const isManifest = String(input['Key']).endsWith('_manifest.json');
    if (isManifest && published === undefined) throw s3Error('NoSuchKey', 404);
    const rows = String(input['Key']).endsWith('.csv') ? purchases : content;
    const text = isManifest ? manifest(datasetOf(String(input['Key'])), published ?? '') : rows;
    return {
      ETag: '"e"',
      Body: {
        transformToString: () => Promise.resolve(text),
        transformToByteArray: () => Promise.resolve(Buffer.from(text)),
      },
    };
  });
  const where = { s3: client, bucket: 'stages' };
  return { ds, rows: 5, configuration, environment: {}, where };
}

it('shows the rejects of the published run with their reasons', async () => {
  const look = lookAt('one', { one: '00:14', zero: '00:05' });
  expect(await showRejects('rejects', look)).toMatchObject({
    samples: [
      {
        of: 'movie_review/rejects/2010-12-01/one/',
        note: 'of the published run',
        table: {
          columns: ['reason', 'line'],
          rows: [
            ['bad_cid', 'x,good'],
            ['null_review', '7,'],
          ],
        },
      },
    ],
  });
});

it('shows rejected purchases before rejected lines', async () => {
  const look = lookAt('one', { one: '00:14' }, { one: '00:13', zero: '00:05' });
  const section = await showRejects('rejects', { ...look, rows: 1 });
  expect(section).toMatchObject({
    where: 'user_purchase/rejects, movie_review/rejects',
    samples: [
      {
        of: 'user_purchase/rejects/2010-12-01/one/',
        note: 'of the published run',
        table: { columns: ['reason', 'invoice_number'], rows: [['price, not a number', '536365']] },
      },
      { of: 'movie_review/rejects/2010-12-01/one/' },
    ],
  });
});

it('shows as many as asked for', async () => {
  const section = await showRejects('rejects', { ...lookAt('one', { one: '00:14' }), rows: 1 });
  expect(section.samples?.[0]?.table?.rows).toEqual([['bad_cid', 'x,good']]);
});

it.each([
  ['a day that was not published', undefined],
  ['a later run that was not published', 'one'],
])('shows the rejects of %s', async (_, published) => {
  const look = lookAt(published, { two: '00:30' });
  const section = await showRejects('rejects', look);
  expect(section.samples?.[0]).toMatchObject({
    of: 'movie_review/rejects/2010-12-01/two/',
    note: 'of a run that is not published',
  });
});

it('has none if only an earlier attempt rejected anything', async () => {
  const section = await showRejects('rejects', lookAt('one', { zero: '00:05' }));
  expect(section).toMatchObject({ note: 'no rejects' });
  expect(await showRejects('rejects', lookAt(undefined, {}))).toMatchObject({ note: 'no rejects' });
});
