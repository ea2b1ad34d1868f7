import { describe, expect, it } from 'vitest';
import { scanEstimate, fullScanWarning } from './query-plan.ts';

const seqScan = { 'Node Type': 'Seq Scan', 'Relation Name': 'user_purchase', 'Total Cost': 1 };
const byIndex = {
  'Node Type': 'Bitmap Heap Scan',
  Plans: [{ 'Node Type': 'Bitmap Index Scan', 'Index Name': 'user_purchase_invoice_date' }],
};
const explainOutput = (plan: unknown) => [{ Plan: plan }];

describe('fullScanWarning', () => {
  it('names the index to create if the plan scans a large table', () => {
    expect(fullScanWarning(explainOutput(seqScan), 541_909)).toContain(
      'create index concurrently user_purchase_invoice_date on retail.user_purchase (invoice_date)',
    );
  });

  it('finds the scan below other nodes', () => {
    const gather = { 'Node Type': 'Gather', Plans: [{ 'Node Type': 'Append', Plans: [seqScan] }] };
    expect(fullScanWarning(explainOutput(gather), 541_909)).toBeDefined();
  });

  it('accepts a scan of a small table, and of one that was never analysed', () => {
    expect(fullScanWarning(explainOutput(seqScan), 99_999)).toBeUndefined();
    expect(fullScanWarning(explainOutput(seqScan), -1)).toBeUndefined();
  });

  it('accepts a plan that uses the index', () => {
    expect(fullScanWarning(explainOutput(byIndex), 541_909)).toBeUndefined();
  });

  it.each([undefined, 'text', [], [{}], [{ Plan: {} }]])(
    'ignores a plan in an unknown format: %j',
    (plan) => {
      expect(fullScanWarning(plan, 541_909)).toBeUndefined();
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
    expect(scanEstimate(scan('user_purchase'))).toEqual({ isSequentialScan: true, bytes: 80_000 });
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
