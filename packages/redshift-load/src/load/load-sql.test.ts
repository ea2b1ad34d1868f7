import { describe, expect, it } from 'vitest';
import type { Statement } from '../data-api/sql.ts';
import { loadSqlOf } from './load-sql.ts';
import { currentLoadSql, loadStatements } from './transaction.ts';

const sql = (text: string, name = 'insert_days'): Statement => ({ name, kind: 'load', sql: text });
const hash = (text: string) => loadSqlOf([sql(text)]);
const release = loadStatements(['text', 'parquet']);
const changed = (name: string) =>
  loadSqlOf(release.map((one) => (one.name === name ? { ...one, sql: `${one.sql} + 1` } : one)));

describe('the SQL of a load', () => {
  it('is a hash that fits the ledger', () => {
    expect(loadSqlOf(release)).toMatch(/^[0-9a-f]{64}$/);
    expect(loadSqlOf(release)).toBe(currentLoadSql());
  });

  it('is the same with other comments, white space and line breaks', () => {
    const text = "select sum(a * 2), '  --x' from t where b = :ds";
    for (const same of [
      "select\n    sum(a*2),\n    '  --x'\nfrom t\nwhere b = :ds",
      "select sum( a * 2 ) , '  --x' -- a note\nfrom t /* of\nmine */ where b = :ds",
    ]) {
      expect(hash(same), same).toBe(hash(text));
    }
  });

  it.each([
    "select sum(a * 3), '  --x' from t where b = :ds",
    "select sum(a * 2), ' --x' from t where b = :ds",
    "select sum(a * 2), '  --x' from t where b = :other",
    "select sum(a * 2), '  --x' from u where b = :ds",
  ])('is another one if the statement is: %s', (other) => {
    expect(hash(other)).not.toBe(hash("select sum(a * 2), '  --x' from t where b = :ds"));
  });

  it.each(release.filter(({ kind }) => kind === 'audit').map(({ name }) => name))(
    'counts the audit %s',
    (name) => {
      expect(changed(name)).not.toBe(loadSqlOf(release));
    },
  );

  it.each([
    'fill_purchase_day',
    'fill_purchase_day_of_parquet',
    'fill_review_day',
    'purchase_day',
    'delete_days',
    'insert_days',
  ])('counts %s', (name) => {
    expect(changed(name)).not.toBe(loadSqlOf(release));
  });

  it.each(['lock', 'insert_ledger', 'insert_day_counts', 'summary', 'drop_planned_day'])(
    'does not count %s',
    (name) => {
      expect(changed(name)).toBe(loadSqlOf(release));
    },
  );

  it('does not count the number of days', () => {
    const names = loadStatements(['parquet', 'text', 'text', 'parquet']).map(({ name }) => name);
    expect(names).toEqual(release.map(({ name }) => name));
    expect(currentLoadSql()).toBe(loadSqlOf(release));
  });

  it('counts the order', () => {
    expect(loadSqlOf(release.toReversed())).not.toBe(loadSqlOf(release));
  });
});
