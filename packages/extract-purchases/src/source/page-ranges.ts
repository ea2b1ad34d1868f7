/** Decides whether a day is read as one scan or in ranges of the table's pages; pure. */

/** What PostgreSQL says about the day's query and its table. */
export interface ScanEstimate {
  /** True if the plan is one sequential scan of an ordinary table. */
  readonly isSequentialScan: boolean;
  /** The planner's estimate of the day's size. */
  readonly bytes: number;
  /** Pages of the table. */
  readonly pages: number;
  /** As in `server_version_num`, e.g. 180004. */
  readonly serverVersion: number;
}

/** Pages [from, to), or all pages from `from` on. */
export interface PageRange {
  readonly from: number;
  readonly to: number | undefined;
}

/** First version with "TID Range Scan" (release notes of PostgreSQL 14): before it, a condition on ctid reads the whole table. */
const tidRangeScanVersion = 140_000;
/** Bytes. A smaller range costs more than it gains. */
const minRangeBytes = 32 * 1024 * 1024;
/** Several ranges for each connection even out dense and sparse regions of the table. */
const rangesPerConnection = 4;

/** Returns adjacent ranges that cover the whole table; the last one has no end. */
export function pageRanges(estimate: ScanEstimate, connections: number): readonly PageRange[] {
  const { isSequentialScan, bytes, pages, serverVersion } = estimate;
  const divisible =
    connections > 1 && isSequentialScan && serverVersion >= tidRangeScanVersion && pages > 0;
  const wanted = divisible ? Math.floor(bytes / minRangeBytes) : 1;
  const count = Math.max(1, Math.min(wanted, connections * rangesPerConnection, pages));
  const start = (index: number) => Math.floor((pages * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    from: start(index),
    to: index === count - 1 ? undefined : start(index + 1),
  }));
}

/** Restricts the query to one range. The query must end in a WHERE clause. */
export function rangeQuery(query: string, { from, to }: PageRange): string {
  const bounds = [
    ...(from > 0 ? [`ctid >= '(${String(from)},0)'::tid`] : []),
    ...(to === undefined ? [] : [`ctid < '(${String(to)},0)'::tid`]),
  ];
  return [query, ...bounds].join('\n  and ');
}
