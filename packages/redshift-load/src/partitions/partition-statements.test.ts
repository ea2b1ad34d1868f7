import { describe, expect, it } from 'vitest';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import type { DayLoad } from '../load/transaction.ts';
import { partitionStatements, stands } from './partition-statements.ts';

const load = (day: string): DayLoad => ({
  ds: parseDs(day),
  locations: { purchases: `s3://b/p/${day}/p1/`, reviews: `s3://b/r/${day}/r1/` },
  transaction: [],
  parameters: {},
});
const days = (count: number): DayLoad[] => {
  const all = [parseDs('2010-12-01')];
  while (all.length < count) all.push(nextDs(all.at(-1) ?? parseDs('2010-12-01')));
  return all.map(load);
};
const texts = (...given: Parameters<typeof partitionStatements>) =>
  partitionStatements(...given).map(({ sql }) => sql.replaceAll('\n', ' '));

const [purchases, reviews] = [
  'spectrum.user_purchase_staging',
  'spectrum.movie_review_clean_stage',
];
const at = (day: string, side: 'p' | 'r', run = `${side}1`) => `'s3://b/${side}/${day}/${run}/'`;

describe('the partitions', () => {
  it('of a day of which nothing is known are made known and then moved', () => {
    const day = '2010-12-01';
    const partition = `partition (insert_date = '${day}')`;
    expect(texts([load(day)])).toEqual([
      `alter table ${purchases} add if not exists ${partition} location ${at(day, 'p')}`,
      `alter table ${purchases} ${partition} set location ${at(day, 'p')}`,
      `alter table ${reviews} add if not exists ${partition} location ${at(day, 'r')}`,
      `alter table ${reviews} ${partition} set location ${at(day, 'r')}`,
    ]);
  });

  it('of many new days are added by one statement a table, a hundred days at most', () => {
    const statements = texts(days(250), new Map());
    expect(statements.map((sql) => [...sql.matchAll(/ partition \(/g)].length)).toEqual([
      100, 100, 50, 100, 100, 50,
    ]);
    expect(statements[0]).toContain(
      `add if not exists partition (insert_date = '2010-12-01') location ${at('2010-12-01', 'p')} partition (insert_date = '2010-12-02') location ${at('2010-12-02', 'p')} partition`,
    );
    for (const sql of statements) expect(sql.length).toBeLessThan(100_000);
  });

  it('that stand are left alone, and only what points elsewhere is moved', () => {
    const [first, second] = ['2010-12-01', '2010-12-02'];
    const found = new Map([
      [first, { purchases: `s3://b/p/${first}/p1`, reviews: `s3://b/r/${first}/old/` }],
      [second, load(second).locations],
    ]);
    expect(texts([load(first), load(second)], found)).toEqual([
      `alter table ${reviews} partition (insert_date = '${first}') set location ${at(first, 'r')}`,
    ]);
    expect([first, second].map((day) => stands(load(day), found.get(day)))).toEqual([false, true]);
    expect(stands(load(first), undefined)).toBe(false);
  });
});
