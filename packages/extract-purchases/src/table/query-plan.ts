/** Reads the plan of the day's query, as EXPLAIN (FORMAT JSON, VERBOSE) returns it; pure. */
import * as z from 'zod';
import { indexAdvice, largeTableRows, type TablePart } from './table-parts.ts';

interface PlanNode {
  readonly 'Node Type': string;
  readonly Schema?: string | undefined;
  readonly 'Relation Name'?: string | undefined;
  readonly 'Plan Rows'?: number | undefined;
  readonly 'Plan Width'?: number | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}

const planNode: z.ZodType<PlanNode> = z.object({
  'Node Type': z.string(),
  Schema: z.string().optional(),
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

const sequentialScans = (node: PlanNode): readonly PlanNode[] => [
  ...(isSequentialScan(node) ? [node] : []),
  ...(node.Plans ?? []).flatMap(sequentialScans),
];

/** Where the day is at least this share of a table, reading the whole table costs no more than an index. */
const largeShare = 0.2;

/**
 * Returns a warning if the plan scans a large table, or a large partition, of which the day is a small part,
 * and an index would help. A plan in an unknown format gives no warning.
 */
export function fullScanWarning(
  explained: unknown,
  parts: readonly TablePart[],
): string | undefined {
  const root = rootOf(explained);
  const scans = root === undefined ? [] : sequentialScans(root);
  const isWasteful = ({ schema, name, rows, indexed }: TablePart) =>
    !indexed &&
    rows >= largeTableRows &&
    scans.some(
      (scan) =>
        scan.Schema === schema &&
        scan['Relation Name'] === name &&
        (scan['Plan Rows'] ?? 0) < rows * largeShare,
    );
  const part = parts.find(isWasteful);
  if (part === undefined) return undefined;
  return `reading the whole of ${part.quoted} for one day; to avoid this: ${indexAdvice(part)}`;
}

/** Returns whether the plan is nothing but a sequential scan of the table, and the bytes it expects. */
export function scanEstimate(explained: unknown): {
  isSequentialScan: boolean;
  bytes: number;
} {
  const root = rootOf(explained);
  return {
    isSequentialScan:
      root !== undefined && isSequentialScan(root) && root['Relation Name'] === 'user_purchase',
    bytes: (root?.['Plan Rows'] ?? 0) * (root?.['Plan Width'] ?? 0),
  };
}
