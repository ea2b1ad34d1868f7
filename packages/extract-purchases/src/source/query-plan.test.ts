import { describe, expect, it } from 'vitest';
import { planSize, planWarning } from './query-plan.ts';

const seqScan = { 'Node Type': 'Seq Scan', 'Relation Name': 'user_purchase', 'Total Cost': 1 };
const byIndex = {
  'Node Type': 'Bitmap Heap Scan',
  Plans: [{ 'Node Type': 'Bitmap Index Scan', 'Index Name': 'user_purchase_invoice_date' }],
};
const explained = (plan: unknown) => [{ Plan: plan }];

describe('the plan of the query', () => {
  it('that reads a large table as a whole is worth a warning with the index to add', () => {
    expect(planWarning(explained(seqScan), 541_909)).toContain(
      'create index concurrently user_purchase_invoice_date on retail.user_purchase (invoice_date)',
    );
  });

  it('may hide the scan below other nodes', () => {
    const gather = { 'Node Type': 'Gather', Plans: [{ 'Node Type': 'Append', Plans: [seqScan] }] };
    expect(planWarning(explained(gather), 541_909)).toBeDefined();
  });

  it('may read a small table as a whole, or a table never analysed', () => {
    expect(planWarning(explained(seqScan), 99_999)).toBeUndefined();
    expect(planWarning(explained(seqScan), -1)).toBeUndefined();
  });

  it('that uses the index is right', () => {
    expect(planWarning(explained(byIndex), 541_909)).toBeUndefined();
  });

  it.each([undefined, 'text', [], [{}], [{ Plan: {} }]])(
    'of a form that is not known warns of nothing: %j',
    (explanation) => {
      expect(planWarning(explanation, 541_909)).toBeUndefined();
    },
  );
});

describe("the size of the day's plan", () => {
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

  it('is the rows that are expected times their width', () => {
    expect(planSize(scan('user_purchase'))).toEqual({ scansWhole: true, bytes: 80_000 });
  });

  it.each([
    ['of another table', scan('partition_of_it')],
    ['below another step', [{ Plan: { 'Node Type': 'Append', Plans: scan('user_purchase') } }]],
    ['that is not known', 'nonsense'],
  ])('is not that of a whole scan for a plan %s', (_what, explanation) => {
    expect(planSize(explanation).scansWhole).toBe(false);
  });
});
