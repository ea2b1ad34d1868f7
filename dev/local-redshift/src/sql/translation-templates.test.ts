import { describe, expect, it } from 'vitest';
import type { ExternalTable } from '../external/external-definition.ts';
import { bindParameters } from '../api/parameters.ts';
import { tokenize } from './sql-tokens.ts';
import { translate } from './translate.ts';
import { TranslationTemplates } from './translation-templates.ts';

const sales: ExternalTable = {
  schema: 'ext',
  name: 'sales',
  columns: [{ name: 'amount', type: { name: 'integer' } }],
  partitionColumns: [{ name: 'ds', type: { name: 'date' } }],
  format: { kind: 'parquet' },
  skipHeaderLines: 0,
  location: 's3://b/sales/',
  properties: {},
};
const find = (schema: string) => (schema === 'ext' ? sales : undefined);
const bound = (sql: string, values: Readonly<Record<string, string>>) =>
  bindParameters(
    tokenize(sql),
    Object.entries(values).map(([name, value]) => ({ name, value })),
  );

/** Statements whose translation from a template must equal a new translation, for each set of values. */
const statements: readonly [string, string, readonly Readonly<Record<string, string>>[]][] = [
  [
    'a condition on the partition',
    'select sum(amount) from ext.sales where ds = cast(:ds as date) and strpos("$path", :at) = 1',
    [
      { ds: '2010-12-01', at: 's3://b/one/' },
      { ds: '2010-12-02', at: 's3://b/two/' },
    ],
  ],
  [
    'a number',
    'insert into t select cast(:n as integer), :n',
    [{ n: '1' }, { n: '-2' }, { n: 'x' }],
  ],
  [
    'a format, which the translation depends on',
    'select to_char(d, :f) as x from t',
    [{ f: 'YYYY' }, { f: 'MM-DD' }],
  ],
  [
    'values that need care',
    'select :a as a',
    [
      { a: 'plain' },
      { a: "it's" },
      { a: 'c:\\' },
      { a: 'rs-value-a-' },
      { a: 'rs-literal-0-quote' },
    ],
  ],
  ['no value at all', 'select 1 as a', [{}, {}]],
];

describe('a template', () => {
  it.each(statements)('of a statement with %s makes what the translator makes', (_, sql, all) => {
    const templates = new TranslationTemplates();
    for (const values of [...all, ...all]) {
      const tokens = bound(sql, values);
      expect(templates.translate(tokens, find)).toEqual(translate(tokens, find));
    }
  });

  it('is no longer used after the external tables have changed', () => {
    const templates = new TranslationTemplates();
    const tokens = bound('select * from ext.sales where ds = cast(:ds as date)', {
      ds: '2010-12-01',
    });
    templates.translate(tokens, find);
    const moved = { ...sales, location: 's3://b/elsewhere/' };
    expect(templates.translate(tokens, () => moved).scans[0]?.table).toBe(sales);
    templates.clear();
    expect(templates.translate(tokens, () => moved).scans[0]?.table).toBe(moved);
  });
});
