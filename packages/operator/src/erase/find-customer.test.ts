import { parseDs } from '@user-behaviour/shared/ds';
import { S3Client } from '@aws-sdk/client-s3';
import { Failure } from '@user-behaviour/shared/failure';
import { expect, it, vi } from 'vitest';
import { operatorConfiguration } from '../config.ts';
import { findCustomer, holdingParquet } from './find-customer.ts';
import { listRuns, type Run } from './list-runs.ts';

vi.mock('./list-runs.ts', () => ({ listRuns: vi.fn<typeof listRuns>() }));
vi.mock('../facts/warehouse-query.ts', () => ({
  queryWarehouse: () => Promise.resolve({ columns: [], rows: [] }),
}));

const run = (folder: Run['folder'], name: string, more: Partial<Run> = {}): Run => ({
  ...{ folder, ds: parseDs('2010-12-01'), run: name, objects: [], madeOf: undefined },
  ...{ isPublished: true, isShown: false, isHeld: false, isLoaded: false },
  ...more,
});
const delivered = run('movie_review/load', 'old', { isPublished: false });
const again = run('movie_review/load', 'new');
const cleaned = (more: Partial<Run> = {}) =>
  run('movie_review/stage', 'c', { madeOf: 'old', ...more });

it('published Parquet that no table shows holds what its reviews hold, even if these were replaced', () => {
  const parquet = cleaned();
  const runs = [delivered, again, parquet];
  expect(holdingParquet(runs, new Set([delivered]))).toEqual([parquet]);
  expect(holdingParquet(runs, new Set([again]))).toEqual([]);
  expect(holdingParquet([again, parquet], new Set())).toEqual([parquet]);
});

it('Parquet that a table shows, or that is not published, is not judged by its reviews', () => {
  for (const parquet of [cleaned({ isShown: true }), cleaned({ isPublished: false })]) {
    expect(holdingParquet([delivered, parquet], new Set([delivered]))).toEqual([]);
  }
});

const find = (s3: S3Client, signal: AbortSignal) => {
  const env = { PIPELINE_BUCKET: 'stages', AWS_REGION: 'eu-west-1', REDSHIFT_DATABASE: 'dev' };
  const where = { s3, bucket: 'stages' };
  return findCustomer(where, operatorConfiguration(env), '17850', { signal });
};

it('a day with replaced Parquet is unread even while a cleaning holds it', async () => {
  const parquet = (name: string, isHeld: boolean) =>
    run('movie_review/stage', name, { isPublished: false, isHeld });
  const unread = async (runs: readonly Run[]) => {
    vi.mocked(listRuns).mockResolvedValueOnce(runs);
    return (await find(new S3Client({}), new AbortController().signal)).unread;
  };
  expect(await unread([parquet('replaced', false), parquet('in-progress', true)])).toEqual([
    parseDs('2010-12-01'),
  ]);
  expect(await unread([parquet('in-progress', true)])).toEqual([]);
});

it('a stop ends the search before the next file', async () => {
  const objects = ['a', 'b'].map((key) => ({ key, bytes: 1, etag: '', modified: 0 }));
  vi.mocked(listRuns).mockResolvedValueOnce([{ ...again, objects }]);
  const s3 = new S3Client({});
  const send = vi.spyOn(s3, 'send');
  const stopped = new Failure('interrupted', 'stopped by SIGTERM');
  await expect(find(s3, AbortSignal.abort(stopped))).rejects.toBe(stopped);
  expect(send).not.toHaveBeenCalled();
});
