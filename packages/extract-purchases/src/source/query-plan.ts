/** Reads the plan of the day's query, as EXPLAIN (FORMAT JSON) returns it; pure. */
import * as z from 'zod';
import { indexAdvice, largeTableRows } from './table-schema.ts';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Plan Rows'?: number | undefined;
  readonly 'Plan Width'?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}

const planNode: z.ZodType<PlanNode> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Plan Rows': z.number().optional(),
  'Plan Width': z.number().optional(),
  get Plans() {
    return z.array(planNode).optional();
  },
});

const explainOutput = z.array(z.object({ Plan: planNode })).min(1);

const rootOf = (explained: unknown) => explainOutput.safeParse(explained).data?.[0]?.Plan;

const isSequentialScan = (node: PlanNode) => node['Node Type'] === 'Seq Scan';

const containsSequentialScan = (node: PlanNode): boolean =>
  isSequentialScan(node) || (node.Plans ?? []).some(containsSequentialScan);

/**
 * Returns a warning if the plan scans a large table sequentially. `tableRows` is the planner's estimate,
 * -1 for a table that was never analysed. A plan in an unknown format gives no warning.
 */
export function fullScanWarning(explained: unknown, tableRows: number): string | undefined {
  const root = rootOf(explained);
  if (root === undefined || tableRows < largeTableRows || !containsSequentialScan(root)) {
    return undefined;
  }
  return `reading the whole of retail.user_purchase for one day; to avoid this: ${indexAdvice}`;
}

/** Returns whether the plan is nothing but a sequential scan of the table, and the bytes it expects. */
export function scanEstimate(explained: unknown): { isSequentialScan: boolean; bytes: number } {
  const root = rootOf(explained);
  return {
    isSequentialScan:
      root !== undefined && isSequentialScan(root) && root['Relation Name'] === 'user_purchase',
    bytes: (root?.['Plan Rows'] ?? 0) * (root?.['Plan Width'] ?? 0),
  };
}
