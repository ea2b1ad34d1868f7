import { describe, expect, it } from 'vitest';
import { fullScanWarning, scanEstimate } from './query-plan.ts';
import type { TablePart } from './table-parts.ts';

const scanOf = (name: string, rows = 1_000) => ({
  'Node Type': 'Seq Scan',
  Schema: 'retail',
  'Relation Name': name,
  'Plan Rows': rows,
  'Total Cost': 1,
});
const seqScan = scanOf('user_purchase');
const byIndex = {
  'Node Type': 'Bitmap Heap Scan',
  Plans: [{ 'Node Type': 'Bitmap Index Scan', 'Index Name': 'user_purchase_invoice_date' }],
};
const explainOutput = (plan: unknown) => [{ Plan: plan }];
const part = (name: string, rows: number, indexed = false): TablePart => ({
  schema: 'retail',
  name,
  quoted: `retail.${name}`,
  index_name: `${name}_invoice_date `,
  rows,
  bounded: false,
  indexed,
});
const table = [part('user_purchase', 541_909)];

describe('fullScanWarning', () => {
  it('names the index to create if the plan scans a large table', () => {
    expect(fullScanWarning(explainOutput(seqScan), table)).toContain(
      'create index concurrently user_purchase_invoice_date on retail.user_purchase (invoice_date)',
    );
  });

  it('finds the scan below other nodes', () => {
    const gather = { 'Node Type': 'Gather', Plans: [{ 'Node Type': 'Append', Plans: [seqScan] }] };
    expect(fullScanWarning(explainOutput(gather), table)).toBeDefined();
  });

  it('accepts a scan of a small table, and of one that was never analysed', () => {
    for (const rows of [99_999, -1]) {
      const small = [part('user_purchase', rows)];
      expect(fullScanWarning(explainOutput(scanOf('user_purchase', 1)), small)).toBeUndefined();
    }
  });

  it('accepts a plan that uses the index', () => {
    expect(fullScanWarning(explainOutput(byIndex), table)).toBeUndefined();
  });

  it('accepts a scan of a table that is mostly this day, or that has the index', () => {
    expect(fullScanWarning(explainOutput(scanOf('user_purchase', 400_000)), table)).toBeUndefined();
    const indexed = [part('user_purchase', 541_909, true)];
    expect(fullScanWarning(explainOutput(seqScan), indexed)).toBeUndefined();
  });

  it('considers the partitions that the plan scans, and names one of them', () => {
    const parts = [part('day06', 2_000), part('others', 150_000)];
    expect(fullScanWarning(explainOutput(scanOf('day06', 1_990)), parts)).toBeUndefined();
    const append = { 'Node Type': 'Append', Plans: [scanOf('day06'), scanOf('others', 5_000)] };
    expect(fullScanWarning(explainOutput(append), parts)).toContain(
      'create index concurrently others_invoice_date on retail.others (invoice_date)',
    );
    const elsewhere = { ...scanOf('others'), Schema: 'archive' };
    expect(fullScanWarning(explainOutput(elsewhere), parts)).toBeUndefined();
  });

  it.each([undefined, 'text', [], [{}], [{ Plan: {} }]])(
    'ignores a plan in an unknown format: %j',
    (plan) => {
      expect(fullScanWarning(plan, table)).toBeUndefined();
    },
  );
});

describe('scanEstimate', () => {
  const scan = (name: string) => [
    {
      Plan: {
        'Node Type': 'Seq Scan',
        'Relation Name': name,
        'Plan Rows': 1_000,
        'Plan Width': 80,
      },
    },
  ];

  it('multiplies the expected rows by their width', () => {
    expect(scanEstimate(scan('user_purchase'))).toEqual({
      isSequentialScan: true,
      bytes: 80_000,
    });
  });

  it.each([
    ['a scan of another table', scan('partition_of_it')],
    [
      'a scan below another node',
      [{ Plan: { 'Node Type': 'Append', Plans: scan('user_purchase') } }],
    ],
    ['an unknown format', 'nonsense'],
  ])('reports no sequential scan of the table for %s', (_name, plan) => {
    expect(scanEstimate(plan).isSequentialScan).toBe(false);
  });
});
