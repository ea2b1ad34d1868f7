import { expect, it } from 'vitest';
import { parseDs } from '../ds.ts';
import { Failure } from '../failure.ts';
import type { ChangesHead } from './changes-head.ts';
import { headIfReadable, touchedUpTo } from './known-changes.ts';

it.each([
  ['configuration', 'AccessDenied'],
  ['data', 'version 9'],
] as const)('a pointer that cannot be read costs a warning: %s', async (kind, why) => {
  const told: string[] = [];
  const store = { read: () => Promise.reject(new Failure(kind, why)) };
  expect(await headIfReadable(store, (line) => told.push(line))).toBeUndefined();
  expect(told).toEqual([why]);
});

it('a pointer that S3 does not give now is trouble', async () => {
  const store = { read: () => Promise.reject(new Failure('transient', 'no answer')) };
  await expect(headIfReadable(store, () => undefined)).rejects.toThrow('no answer');
});

it('earlier days are those up to the last that is looked at, of any age', () => {
  const days = ['2010-12-03', '2009-01-01', '2010-12-04', '2010-12-02'];
  const head = { days: Object.fromEntries(days.map((ds) => [ds, {}])) } as unknown as ChangesHead;
  const earlier = ['2010-12-03', '2010-12-02'].map((ds) => parseDs(ds));
  expect(touchedUpTo(head, earlier)).toEqual(['2009-01-01', '2010-12-02', '2010-12-03']);
  expect(touchedUpTo(head, [])).toEqual([]);
  expect(touchedUpTo(undefined, earlier)).toEqual([]);
});
