import { describe, expect, it } from 'vitest';
import { nextDs, parseDs } from '@user-behaviour/shared/ds';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import { createLog } from '@user-behaviour/shared/runner/log';
import { areSet, type DayPartitions, partitionStatements } from './partition-statements.ts';

const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const wanted = (ds: string): DayPartitions => ({
  day: { ds: parseDs(ds), run: 'r', log, record: new DayNotes() },
  locations: { purchases: `s3://b/p/${ds}/p1/`, reviews: `s3://b/r/${ds}/r1/` },
});
const days = (count: number): DayPartitions[] => {
  const all = [parseDs('2010-12-01')];
  while (all.length < count) all.push(nextDs(all.at(-1) ?? parseDs('2010-12-01')));
  return all.map(wanted);
};
const texts = (...given: Parameters<typeof partitionStatements>) =>
  partitionStatements(...given).map(({ sql }) => sql.replaceAll('\n', ' '));

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
    const found = new Map([
      [first, { purchases: `s3://b/p/${first}/p1`, reviews: `s3://b/r/${first}/old/` }],
      [second, wanted(second).locations],
    ]);
    expect(texts([wanted(first), wanted(second)], found)).toEqual([
      `alter table ${reviews} partition (insert_date = '${first}') set location ${at(first, 'r')}`,
    ]);
    expect([first, second].map((day) => areSet(wanted(day), found.get(day)))).toEqual([
      false,
      true,
    ]);
    expect(areSet(wanted(first), undefined)).toBe(false);
  });
});
