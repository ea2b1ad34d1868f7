import { describe, expect, it } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import { createLog } from '@user-behaviour/shared/runner/log';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import { mostSetDays } from '../config.ts';
import { usedParameters } from '../data-api/sql.ts';
import { currentLoadSql, loadStatements, planLoad, parametersOfSet } from './transaction.ts';

const ds = parseDs('2010-12-01');

function published(
  dataset: Dataset,
  run: string,
  rows: number,
  generation: number,
  parameters: Readonly<Record<string, string | number>> = {},
): Published {
  const file = { key: `${dataset}/${ds}/${run}/f`, bytes: 1, rows, sha256: '0'.repeat(64) };
  const draft = {
    dataset,
    ds,
    run,
    job: { name: 'j', version: '1' },
    parameters,
    upstream: [],
    files: [file],
    ...(dataset === 'user_purchase/stage' && { belowQuantity: 75 }),
    startedAt: new Date('2010-12-02'),
    finishedAt: new Date('2010-12-02'),
  };
  return { manifest: completeManifest(draft, generation), etag: '"e"' };
}

const upstreams = {
  purchases: published('user_purchase/stage', 'p1', 1450, 3, { minQuantity: 2 }),
  reviews: published('movie_review/stage', 'r1', 10_662, 7),
};
const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const day = { ds, run: 'run-1', log, record: new DayNotes() };
const load = planLoad(day, 'stages', upstreams);
/** As many days as a set may have. */
const most = Array.from({ length: mostSetDays }, () => load);
const largest = loadStatements(Array<'text'>(mostSetDays).fill('text'));
/** Every second day has the other format. */
const mixed = loadStatements(most.map((_, index) => (index % 2 === 0 ? 'text' : 'parquet')));

describe('the load of a set', () => {
  it('is one transaction: lock, read, audit, replace, audit, ledger', () => {
    expect(loadStatements().map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'load lock',
      'load planned_day',
      'load fill_planned_day',
      'audit moves_forward',
      'load purchase_day',
      'load fill_purchase_day',
      'load review_day',
      'load fill_review_day',
      'audit purchases_conserved',
      'audit purchases_of_published_run',
      'audit amounts_fit',
      'audit reviews_conserved',
      'audit reviews_of_published_run',
      'load delete_days',
      'load insert_days',
      'audit one_row_per_customer',
      'audit amount_not_inflated',
      'load delete_ledger',
      'load insert_ledger',
      'load delete_day_counts',
      'load insert_day_counts',
      'load summary',
      'load drop_purchase_day',
      'load drop_review_day',
      'load drop_planned_day',
    ]);
    expect(largest.map(({ name }) => name)).toEqual(loadStatements().map(({ name }) => name));
  });

  it('reads the purchases of each day from the table of its format', () => {
    const scans = (...formats: Parameters<typeof loadStatements>) =>
      loadStatements(...formats)
        .filter(({ sql }) => sql.includes('from spectrum.user_purchase'))
        .map(({ name, sql }) => [
          name,
          /from spectrum\.(\w+)/.exec(sql)?.[1],
          [...sql.matchAll(/:ds_\d+/g)].join(),
        ]);
    const [text, parquet] = ['user_purchase_staging', 'user_purchase_staging_parquet'];
    expect(scans(['text', 'text'])).toEqual([['fill_purchase_day', text, ':ds_1,:ds_2']]);
    expect(scans(['parquet', 'parquet'])).toEqual([
      ['fill_purchase_day_of_parquet', parquet, ':ds_1,:ds_2'],
    ]);
    expect(scans(['text', 'parquet', 'text'])).toEqual([
      ['fill_purchase_day', text, ':ds_1,:ds_3'],
      ['fill_purchase_day_of_parquet', parquet, ':ds_2'],
    ]);
  });

  it.each([
    [undefined, 'text'],
    ['csv', 'text'],
    ['csv.gz', 'text'],
    ['parquet', 'parquet'],
  ])('takes the format %s of the manifest as %s', (format, expected) => {
    const parameters = { minQuantity: 2, ...(format !== undefined && { format }) };
    const purchases = published('user_purchase/stage', 'p1', 1, 1, parameters);
    expect(planLoad(day, 'stages', { ...upstreams, purchases }).format).toBe(expected);
  });

  it('refuses a format that this release does not load', () => {
    const parameters = { minQuantity: 2, format: 'orc' };
    const purchases = published('user_purchase/stage', 'p1', 1, 1, parameters);
    expect(() => planLoad(day, 'stages', { ...upstreams, purchases })).toThrow(
      'the manifest of user_purchase/stage 2010-12-01 has the format "orc", expected csv, csv.gz or parquet',
    );
  });

  it('fits into a batch of the Data API, and has no statement that would commit or cannot run in one', () => {
    expect(mixed.length).toBeLessThanOrEqual(40);
    for (const { name, sql } of [...largest, ...mixed]) {
      expect(Buffer.byteLength(sql), name).toBeLessThan(100_000);
      expect(sql).not.toMatch(/\b(truncate|commit|begin|vacuum|external|alter)\b/i);
    }
  });

  it('uses parameters only in statements that Redshift can prepare', () => {
    const parameters = parametersOfSet([load, load]);
    for (const step of loadStatements(['text', 'parquet'])) {
      const used = Object.keys(usedParameters([step], parameters));
      if (!/^(select|insert|update|delete)\b/.test(step.sql)) expect(used).toEqual([]);
    }
  });

  it('gives every parameter a text, and uses each of them', () => {
    expect(load.parameters).toEqual({
      ds: '2010-12-01',
      purchases_location: 's3://stages/user_purchase/stage/2010-12-01/p1/',
      purchases_run: 'p1',
      purchases_generation: '3',
      purchase_rows: '1450',
      purchases_rejected: '0',
      purchases_below_quantity: '75',
      complete_until: 'complete',
      min_quantity: '2',
      reviews_location: 's3://stages/movie_review/stage/2010-12-01/r1/',
      reviews_run: 'r1',
      reviews_generation: '7',
      reviews_rejected: '0',
      review_rows: '10662',
    });
    const parameters = parametersOfSet([load, ...most.slice(1)]);
    expect(parameters).toMatchObject({
      run: 'run-1',
      load_sql: currentLoadSql(),
      ds_1: '2010-12-01',
      purchases_run_64: 'p1',
    });
    expect(usedParameters(largest, parameters)).toEqual(parameters);
    expect(usedParameters(mixed, parameters)).toEqual(parameters);
  });

  it('changes the slices and the ledger of its days only', () => {
    const changes = loadStatements(['text', 'text']).filter(({ sql }) =>
      /^(delete|insert into public)/.test(sql),
    );
    expect(changes).toHaveLength(6);
    const days = 'in (cast(:ds_1 as date), cast(:ds_2 as date))';
    for (const { name, sql } of changes) {
      // What is inserted joins the rows of both sides, which were read with the same list.
      if (name !== 'insert_days') expect(sql, name).toContain(days);
    }
  });

  it('reads the external tables and the metric with a constant list of days', () => {
    const reading = loadStatements(['text', 'text']).filter(({ sql }) =>
      /from (spectrum\.|public\.user_behavior_metric\b)/.test(sql),
    );
    expect(reading.map(({ name }) => name)).toEqual([
      'fill_purchase_day',
      'fill_review_day',
      'delete_days',
      'one_row_per_customer',
      'amount_not_inflated',
      'insert_ledger',
      'insert_day_counts',
    ]);
    for (const { name, sql } of reading) {
      expect(sql, name).toContain('insert_date in (cast(:ds_1 as date), cast(:ds_2 as date))');
    }
  });

  it('says until when the purchases of a partial day are complete', () => {
    const { purchases } = upstreams;
    const completeUntil = '2010-12-01T10:15:00.000Z';
    const partial = { ...purchases, manifest: { ...purchases.manifest, completeUntil } };
    const { parameters } = planLoad(day, 'stages', { ...upstreams, purchases: partial });
    expect(parameters['complete_until']).toBe('2010-12-01 10:15:00.000');
  });

  it('does not know the purchases below the quantity if the manifest does not count them', () => {
    const { totals, ...manifest } = upstreams.purchases.manifest;
    const { files, bytes, rows, rejected } = totals;
    const uncounted = { files, bytes, rows, rejected };
    const purchases = { ...upstreams.purchases, manifest: { ...manifest, totals: uncounted } };
    const { parameters } = planLoad(day, 'stages', { ...upstreams, purchases });
    expect(parameters['purchases_below_quantity']).toBe('unknown');
  });

  it('needs the minimum quantity that filtered the purchases', () => {
    const purchases = published('user_purchase/stage', 'p1', 1, 1);
    expect(() => planLoad(day, 'stages', { ...upstreams, purchases })).toThrow(Failure);
    expect(() => planLoad(day, 'stages', { ...upstreams, purchases })).toThrow(
      'the manifest of user_purchase/stage 2010-12-01 has no minQuantity',
    );
  });
});
