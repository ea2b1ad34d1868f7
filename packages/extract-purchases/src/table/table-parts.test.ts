import { describe, expect, it } from 'vitest';
import { describeIndex, type TablePart } from './table-parts.ts';

const part = (name: string, facts: Partial<TablePart> = {}): TablePart => ({
  schema: 'retail',
  name,
  quoted: `retail.${name}`,
  index_name: '',
  rows: 150_000,
  bounded: false,
  indexed: false,
  ...facts,
});

describe('describeIndex', () => {
  it('finds the index of a table, or of all partitions', () => {
    for (const names of [['user_purchase'], ['a', 'b']]) {
      const parts = names.map((name) => part(name, { indexed: true }));
      expect(describeIndex(parts)).toEqual({ found: 'index found' });
    }
  });

  it('advises an index on a large table', () => {
    const index_name = 'user_purchase_invoice_date ';
    expect(describeIndex([part('user_purchase', { index_name })])).toEqual({
      found: 'no index, about 150000 rows',
      advice:
        'create index concurrently user_purchase_invoice_date on retail.user_purchase (invoice_date)',
    });
  });

  it.each([99_999, -1])('advises none on a table of %i rows', (rows) => {
    const found = `no index, about ${String(Math.max(0, rows))} rows`;
    expect(describeIndex([part('user_purchase', { rows })])).toEqual({ found });
  });

  it('advises no index on partitions that hold a range of invoice_date', () => {
    const parts = [part('day06', { bounded: true }), part('others', { indexed: true })];
    expect(describeIndex(parts)).toEqual({ found: 'partitioned by invoice_date' });
  });

  it('advises an index on each large partition that may hold any day, at most three of them', () => {
    const parts = [part('day06', { bounded: true }), part('others')];
    expect(describeIndex(parts)).toEqual({
      found: 'no index on 1 of the partitions, about 150000 rows',
      advice: 'create index concurrently on retail.others (invoice_date)',
    });
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => part(name));
    expect(describeIndex(many).advice?.split('; ').slice(2)).toEqual([
      'create index concurrently on retail.c (invoice_date)',
      'and 2 more',
    ]);
  });

  it('says that a view has no rows of its own', () => {
    expect(describeIndex([])).toEqual({ found: 'no table with rows of its own' });
  });
});
