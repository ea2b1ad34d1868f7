import { describe, expect, it } from 'vitest';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import { createLog } from '@user-behaviour/shared/runner/log';
import { areSet, type DayPartitions, partitionStatements } from './partition-statements.ts';

const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const wanted = (ds: string, format: DayPartitions['format'] = 'text'): DayPartitions => ({
  format,
  day: { ds: parseDs(ds), run: 'r', log, record: new DayNotes() },
  locations: { purchases: `s3://b/p/${ds}/p1/`, reviews: `s3://b/r/${ds}/r1/` },
});
const days = (count: number): DayPartitions[] => {
  const all = [parseDs('2010-12-01')];
  while (all.length < count) all.push(nextDs(all.at(-1) ?? parseDs('2010-12-01')));
  return all.map((ds) => wanted(ds));
};
const texts = (...given: Parameters<typeof partitionStatements>) =>
  partitionStatements(...given).map(({ sql }) => sql.replaceAll('\n', ' '));

const found = (purchases: string, reviews: string, table = 'user_purchase_staging') =>
  new Map([
    [table, purchases],
    ['movie_review_clean_stage', reviews],
  ]);

const [purchases, reviews] = [
  'spectrum.user_purchase_staging',
  'spectrum.movie_review_clean_stage',
];
const at = (day: string, side: 'p' | 'r', run = `${side}1`) => `'s3://b/${side}/${day}/${run}/'`;

describe('the partitions', () => {
  it('of a day about which nothing is known are added and then set', () => {
    const day = '2010-12-01';
    const partition = `partition (insert_date = '${day}')`;
    expect(texts([wanted(day)])).toEqual([
      `alter table ${purchases} add if not exists ${partition} location ${at(day, 'p')}`,
      `alter table ${purchases} ${partition} set location ${at(day, 'p')}`,
      `alter table ${reviews} add if not exists ${partition} location ${at(day, 'r')}`,
      `alter table ${reviews} ${partition} set location ${at(day, 'r')}`,
    ]);
  });

  it('of many new days are added with one statement for each table and a hundred days', () => {
    const statements = texts(days(250), new Map());
    expect(statements.map((sql) => [...sql.matchAll(/ partition \(/g)].length)).toEqual([
      100, 100, 50, 100, 100, 50,
    ]);
    expect(statements[0]).toContain(
      `add if not exists partition (insert_date = '2010-12-01') location ${at('2010-12-01', 'p')} partition (insert_date = '2010-12-02') location ${at('2010-12-02', 'p')} partition`,
    );
    for (const sql of statements) expect(sql.length).toBeLessThan(100_000);
  });

  it('that are set are left alone, and only what points elsewhere is changed', () => {
    const [first, second] = ['2010-12-01', '2010-12-02'];
    const current = new Map([
      [first, found(`s3://b/p/${first}/p1`, `s3://b/r/${first}/old/`)],
      [second, found(wanted(second).locations.purchases, wanted(second).locations.reviews)],
    ]);
    expect(texts([wanted(first), wanted(second)], current)).toEqual([
      `alter table ${reviews} partition (insert_date = '${first}') set location ${at(first, 'r')}`,
    ]);
    expect([first, second].map((day) => areSet(wanted(day), current.get(day)))).toEqual([
      false,
      true,
    ]);
    expect(areSet(wanted(first), undefined)).toBe(false);
  });

  it('of purchases are in the table of the format of their files', () => {
    const [first, second] = ['2010-12-01', '2010-12-02'];
    const day = `partition (insert_date = '${first}')`;
    const parquet = `${purchases}_parquet`;
    expect(texts([wanted(first, 'parquet')]).slice(0, 2)).toEqual([
      `alter table ${parquet} add if not exists ${day} location ${at(first, 'p')}`,
      `alter table ${parquet} ${day} set location ${at(first, 'p')}`,
    ]);
    // Both days have a partition in the table of text; the first is Parquet now.
    const { locations } = wanted(second);
    const current = new Map([
      [first, found(`s3://b/p/${first}/p0/`, `s3://b/r/${first}/r1/`)],
      [second, found(locations.purchases, locations.reviews)],
    ]);
    expect(texts([wanted(first, 'parquet'), wanted(second)], current)).toEqual([
      `alter table ${parquet} add if not exists ${day} location ${at(first, 'p')}`,
    ]);
    expect(areSet(wanted(first, 'parquet'), current.get(first))).toBe(false);
    const moved = found(
      `s3://b/p/${first}/p1/`,
      `s3://b/r/${first}/r1/`,
      `${purchases.slice(9)}_parquet`,
    );
    expect(areSet(wanted(first, 'parquet'), moved)).toBe(true);
  });
});
