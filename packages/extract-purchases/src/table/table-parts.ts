/** The tables that hold the purchases, one or many partitions, and which of them lack an index; pure. */
import * as z from 'zod';

/** Rows of sql/source/extract/table_parts.sql. */
export const tableParts = z.array(
  z.object({
    schema: z.string(),
    name: z.string(),
    /** Schema and name as a statement spells them. */
    quoted: z.string(),
    index_name: z.string(),
    /** The planner's estimate; -1 for a table that was never analysed. */
    rows: z.number(),
    bounded: z.boolean(),
    indexed: z.boolean(),
  }),
);

export type TablePart = z.infer<typeof tableParts>[number];

/** Rows from which an index on invoice_date pays: below it, PostgreSQL rightly scans the whole table. */
export const largeTableRows = 100_000;

/** PostgreSQL refuses it for a partitioned table, so it names the partition. */
export const indexAdvice = ({ quoted, index_name }: TablePart): string =>
  `create index concurrently ${index_name}on ${quoted} (invoice_date)`;

/** The most statements in one line of advice. */
const shown = 3;

/** What --check says about the index on invoice_date. */
export function describeIndex(parts: readonly TablePart[]): { found: string; advice?: string } {
  if (parts.length === 0) return { found: 'no table with rows of its own' };
  const without = parts.filter(({ indexed }) => !indexed);
  if (without.length === 0) return { found: 'index found' };
  const unbounded = without.filter(({ bounded }) => !bounded);
  if (unbounded.length === 0) return { found: 'partitioned by invoice_date' };
  const rows = unbounded.reduce((sum, part) => sum + Math.max(0, part.rows), 0);
  const where = parts.length === 1 ? '' : ` on ${String(unbounded.length)} of the partitions`;
  const found = `no index${where}, about ${String(rows)} rows`;
  const large = unbounded.filter((part) => part.rows >= largeTableRows);
  if (large.length === 0) return { found };
  const more = large.length > shown ? [`and ${String(large.length - shown)} more`] : [];
  return { found, advice: [...large.slice(0, shown).map(indexAdvice), ...more].join('; ') };
}
