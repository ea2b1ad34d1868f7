import { parseDs } from '@user-behaviour/shared/ds';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import type { Day } from '@user-behaviour/shared/runner/job';
import { createLog } from '@user-behaviour/shared/runner/log';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import { exampleHead } from '@user-behaviour/testkit/changes-head';
import { expect, it } from 'vitest';
import { withTouchedDays } from './touched-days.ts';

const written: string[] = [];
const log = createLog('redshift-load', 'json', { write: (line) => written.push(line) }, 'info');
const days = ['2010-12-01', '2010-12-02'].map((ds): Day => ({
  ds: parseDs(ds),
  run: 'r',
  log,
  record: new DayNotes(),
}));

/** A bucket with this pointer. */
const bucketWith = (text: string): Bucket => {
  const Body = { transformToString: () => Promise.resolve(text) };
  const s3 = { send: () => Promise.resolve({ Body, ETag: '"e"' }) } as unknown as Bucket['s3'];
  return { s3, bucket: 'lake' };
};
const found = async (text: string) =>
  (await withTouchedDays(days, bucketWith(text))).map(({ ds, run }) => `${ds} ${run}`);

it('touched days come before those of the look back, once, and none that is later', async () => {
  const touched = ['2010-12-03', '2010-12-02', '2009-05-01'];
  const both = ['2009-05-01 r', '2010-12-01 r', '2010-12-02 r'];
  expect(await found(JSON.stringify(exampleHead(touched)))).toEqual(both);
  // An extraction may have taken a day before the gap.
  expect(await found(JSON.stringify(exampleHead(touched, { gap: 'lost' })))).toEqual(both);
});

it('a pointer that cannot be read costs a warning', async () => {
  expect(await found('{')).toEqual(['2010-12-01 r', '2010-12-02 r']);
  expect(written.join()).toContain('cannot look at what was captured: ');
});

it('without days there is nothing to look at', async () => {
  expect(await withTouchedDays([], bucketWith('{'))).toEqual([]);
});
