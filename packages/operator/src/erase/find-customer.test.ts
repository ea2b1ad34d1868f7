import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parseDs } from '@user-behaviour/shared/ds';
import { type GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Failure } from '@user-behaviour/shared/failure';
import { describe, expect, it, vi } from 'vitest';
import { operatorConfiguration } from '../config.ts';
import { findCustomer, cleanedHolding, requireTables, traceOf } from './find-customer.ts';
import { listRuns, type Run, runsOf } from './list-runs.ts';

vi.mock('./list-runs.ts', async (original) => ({
  ...(await original<typeof import('./list-runs.ts')>()),
  listRuns: vi.fn<typeof listRuns>(),
}));
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
  expect(cleanedHolding(runs, new Set([delivered]))).toEqual([parquet]);
  expect(cleanedHolding(runs, new Set([again]))).toEqual([]);
  expect(cleanedHolding([again, parquet], new Set())).toEqual([parquet]);
});

it('Parquet that a table shows, or that is not published, is not judged by its reviews', () => {
  for (const parquet of [cleaned({ isShown: true }), cleaned({ isPublished: false })]) {
    expect(cleanedHolding([delivered, parquet], new Set([delivered]))).toEqual([]);
  }
});

it.each([
  ['user_purchase/stage', 'purchases'],
  ['user_purchase/rejects', 'purchases'],
  ['movie_review/load', 'reviews'],
  ['movie_review/stage', 'reviews'],
  ['movie_review/rejects', 'reviews'],
] as const)('a run of %s holds %s', (folder, rows) => {
  expect(traceOf(run(folder, 'r')).rows).toBe(rows);
});

it('a table that nobody sees is refused if it ought to show a run', () => {
  const shown = run('user_purchase/stage', 'r', { isShown: true });
  const missing = ['spectrum.user_purchase_staging'];
  expect(() => {
    requireTables(missing, [again, shown]);
  }).toThrow('does not see spectrum.user_purchase_staging');
  requireTables([], [shown]);
  // A release that wrote no Parquet has not made this table.
  const missingParquet = ['spectrum.user_purchase_staging_parquet'];
  requireTables(missingParquet, [shown]);
  const objects = [
    { key: 'user_purchase/stage/2010-12-01/r/p.parquet' },
  ] as unknown as Run['objects'];
  expect(() => {
    requireTables(missingParquet, [run('user_purchase/stage', 'r', { isShown: true, objects })]);
  }).toThrow('does not see spectrum.user_purchase_staging_parquet');
  requireTables(missing, [again]);
});

describe('a run in the bucket', () => {
  type Listing = Parameters<typeof runsOf>;
  const ds = parseDs('2010-12-01');
  const upstream = [{ key: `movie_review/load/${ds}/_manifest.json`, run: 'one' }];
  /** The published run is `one`, and the loaded one `loaded`; `holder` holds the day. */
  const listed = (
    folder: Run['folder'],
    name: string,
    { rejected = 0, loaded = 'one', holder = '' } = {},
  ) => {
    const published = new Map([[ds, { manifest: { run: 'one', totals: { rejected }, upstream } }]]);
    const facts = {
      ledger: new Map([[ds, { purchasesRun: loaded, reviewsRun: loaded }]]),
      cleaned: published,
      holders: new Map([[ds, holder]]),
    } as unknown as Listing[2];
    const inventory = new Map([[ds, { runs: new Map([[name, []]]) }]]);
    return runsOf(folder, { inventory, published } as unknown as Listing[1], facts)[0];
  };

  it('is shown, if it is of delivered reviews, by the loaded Parquet, but not with rejected lines', () => {
    const folder = 'movie_review/load';
    expect(listed(folder, 'one')).toMatchObject({ isShown: true });
    expect(listed(folder, 'one', { rejected: 1 })).toMatchObject({ isShown: false });
    expect(listed(folder, 'one', { loaded: 'older' })).toMatchObject({ isShown: false });
    expect(listed(folder, 'two')).toMatchObject({ isShown: false });
  });

  it('is not shown, if it is of purchases, when another one is published or loaded', () => {
    const folder = 'user_purchase/stage';
    expect(listed(folder, 'one')).toMatchObject({ isShown: true });
    expect(listed(folder, 'one', { loaded: 'older' })).toMatchObject({ isShown: false });
    expect(listed(folder, 'older', { loaded: 'older' })).toMatchObject({ isShown: false });
  });

  it('is held by itself alone: another run of a held day is replaced Parquet', () => {
    const folder = 'movie_review/stage';
    expect(listed(folder, 'two', { holder: 'two' })).toMatchObject({ isHeld: true });
    expect(listed(folder, 'two', { holder: 'three' })).toMatchObject({ isHeld: false });
  });
});

const find = (s3: S3Client, signal: AbortSignal, customer = '17850') => {
  const env = { PIPELINE_BUCKET: 'stages', AWS_REGION: 'eu-west-1', REDSHIFT_DATABASE: 'dev' };
  const where = { s3, bucket: 'stages' };
  return findCustomer(where, operatorConfiguration(env), customer, { signal });
};

/** Purchases of the customers 10000 to 14999, but every third of nobody, in three row groups. */
async function parquetOfPurchases(): Promise<Buffer> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'purchases-'));
  const path = join(folder.path, 'p.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `copy (select 'x' as detail, case when i % 3 > 0 then cast(10000 + i as integer) end as customer_id
           from range(5000) as t(i)) to '${path}' (format parquet, row_group_size 2048)`,
  );
  connection.closeSync();
  instance.closeSync();
  return await readFile(path);
}

const file = await parquetOfPurchases();

it.each([true, false])(
  'Parquet of purchases that no table shows is read (published: %s)',
  async (isPublished) => {
    const s3 = new S3Client({});
    vi.spyOn(s3, 'send').mockImplementation((command: unknown) => {
      const { Range = '' } = (command as GetObjectCommand).input;
      const [start, last] = Range.replace('bytes=', '').split('-').map(Number);
      const body = file.subarray(start, (last ?? 0) + 1);
      return { Body: { transformToByteArray: () => Promise.resolve(body) } } as never;
    });
    const object = { key: 'user_purchase/stage/2010-12-01/p/f.parquet', bytes: file.length };
    const objects = [object] as unknown as Run['objects'];
    const one = run('user_purchase/stage', 'p', { objects, isPublished });
    const traces = async (customer: string) => {
      vi.mocked(listRuns).mockResolvedValueOnce([one]);
      const found = await find(s3, new AbortController().signal, customer);
      expect(found.unread).toEqual([]);
      return found.traces;
    };
    for (const customer of ['10001', '12500', '14999']) {
      expect(await traces(customer)).toEqual([traceOf(one)]);
    }
    // The row of 10000 has no customer.
    for (const customer of ['10000', '15000', '1', '0']) expect(await traces(customer)).toEqual([]);
  },
);

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
