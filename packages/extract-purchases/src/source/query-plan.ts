/** Looks at the plan of the day's query: a full scan of a large live table is worth a warning. */
import * as z from 'zod';

/** Rows; below this PostgreSQL rightly prefers reading the whole table. */
const large = 100_000;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Plan Rows'?: number | undefined;
  readonly 'Plan Width'?: number | undefined;
  readonly Plans?: readonly Plan[] | undefined;
}

const plan: z.ZodType<Plan> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Plan Rows': z.number().optional(),
  'Plan Width': z.number().optional(),
  get Plans() {
    return z.array(plan).optional();
  },
});

const explained = z.array(z.object({ Plan: plan })).min(1);

function scansWhole(node: Plan): boolean {
  return node['Node Type'] === 'Seq Scan' || (node.Plans ?? []).some(scansWhole);
}

const rootOf = (explanation: unknown) => explained.safeParse(explanation).data?.[0]?.Plan;

/** The warning, or nothing. `explanation` is what EXPLAIN (FORMAT JSON) returned, `tableRows` the table's estimate. */
export function planWarning(explanation: unknown, tableRows: number): string | undefined {
  const root = rootOf(explanation);
  if (root === undefined || tableRows < large || !scansWhole(root)) return undefined;
  return (
    'the whole of retail.user_purchase will be read for one day; add the index: ' +
    'create index concurrently user_purchase_invoice_date on retail.user_purchase (invoice_date)'
  );
}

/** Whether the plan is one sequential scan of the table and nothing else, and how many bytes it expects. */
export function planSize(explanation: unknown): { scansWhole: boolean; bytes: number } {
  const root = rootOf(explanation);
  return {
    scansWhole: root?.['Node Type'] === 'Seq Scan' && root['Relation Name'] === 'user_purchase',
    bytes: (root?.['Plan Rows'] ?? 0) * (root?.['Plan Width'] ?? 0),
  };
}
