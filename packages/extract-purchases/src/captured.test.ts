import { changesHeadKey } from '@user-behaviour/shared/keys';
import { parseDs } from '@user-behaviour/shared/ds';
import { createLog } from '@user-behaviour/shared/runner/log';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import { exampleHead } from '@user-behaviour/testkit/changes-head';
import { expect, it } from 'vitest';
import { capturedDays } from './captured.ts';

const touched = ['2009-05-01', '2009-05-02', '2009-05-03', '2009-05-04'];
/** The last transaction of each touched day is 300; the pointer covers from 100 on. The fourth was never published. */
const sources: Readonly<Record<string, object>> = {
  '2009-05-01': { systemIdentifier: '7', xmin: '150', at: '2026-11-30T01:00:00Z' },
  '2009-05-02': { systemIdentifier: '7', xmin: '50', at: '2026-11-29T01:00:00Z' },
  // The role may not ask for the identifier.
  '2009-05-03': { xmin: '150', at: '2026-11-30T01:00:00Z' },
};

const manifestOf = (ds: string) => ({
  ...{ version: 1, dataset: 'user_purchase/stage', ds, run: 'r', generation: 1 },
  ...{ job: { name: 'extract-purchases', version: '1' }, parameters: {}, upstream: [], files: [] },
  ...{ totals: { files: 0, bytes: 0, rows: 0, rejected: 0 }, rejected: {} },
  ...{ startedAt: '2026-11-30T01:00:00.000Z', finishedAt: '2026-11-30T01:00:00.000Z' },
  source: sources[ds],
});

function send({ input: { Key } }: { readonly input: { readonly Key: string } }) {
  const ds = Key.split('/')[2] ?? '';
  if (Key !== changesHeadKey && sources[ds] === undefined) {
    return Promise.reject(Object.assign(new Error('no such key'), { name: 'NoSuchKey' }));
  }
  const found = Key === changesHeadKey ? exampleHead(touched) : manifestOf(ds);
  const Body = { transformToString: () => Promise.resolve(JSON.stringify(found)) };
  return Promise.resolve({ Body, ETag: '"e"' });
}

it('takes the days that have changed, and says of how many published ones nothing is known', async () => {
  const written: string[] = [];
  const log = createLog(
    'extract-purchases',
    'json',
    { write: (line) => written.push(line) },
    'warn',
  );
  const bucket = { s3: { send }, bucket: 'lake' } as unknown as Bucket;
  // The second was read before the slot had every change.
  const days = await capturedDays([parseDs('2010-12-01')], bucket, log);
  expect(days).toEqual(['2009-05-01', '2009-05-02']);
  expect(written).toHaveLength(1);
  expect(JSON.parse(String(written[0]))).toMatchObject({
    days: 1,
    msg: expect.stringContaining('do not cover some touched days') as string,
  });
});
