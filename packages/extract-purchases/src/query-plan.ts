/** Looks at the plan of the day's query: a full scan of a large live table is worth a warning. */
import { z } from 'zod';

/** Rows; below this PostgreSQL rightly prefers reading the whole table. */
const large = 100_000;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string | undefined;
  readonly Plans?: readonly Plan[] | undefined;
}

const plan: z.ZodType<Plan> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  get Plans() {
    return z.array(plan).optional();
  },
});

const explained = z.array(z.object({ Plan: plan })).min(1);

function scansWhole(node: Plan): boolean {
  return node['Node Type'] === 'Seq Scan' || (node.Plans ?? []).some(scansWhole);
}

/** The warning, or nothing. `explanation` is what EXPLAIN (FORMAT JSON) returned, `tableRows` the table's estimate. */
export function planWarning(explanation: unknown, tableRows: number): string | undefined {
  const parsed = explained.safeParse(explanation);
  const root = parsed.data?.[0]?.Plan;
  if (root === undefined || tableRows < large || !scansWhole(root)) return undefined;
  return (
    'the whole of retail.user_purchase will be read for one day; add the index: ' +
    'create index concurrently user_purchase_invoice_date on retail.user_purchase (invoice_date)'
  );
}
