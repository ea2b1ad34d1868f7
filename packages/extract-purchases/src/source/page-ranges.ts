/** Which ranges of the table's pages are copied side by side; pure. */

/** What PostgreSQL says about the day's query and its table. */
export interface DayFacts {
  /** The plan is one sequential scan of an ordinary table. */
  readonly scansWhole: boolean;
  /** The planner's estimate of the day's size. */
  readonly bytes: number;
  /** Pages of the table. */
  readonly pages: number;
  /** As in server_version_num. */
  readonly serverVersion: number;
}

/** Pages from `from`, and before `to` where that is said. */
export interface PageRange {
  readonly from: number;
  readonly to: number | undefined;
}

/** Before this version a condition on ctid did not shorten a scan ("TID Range Scan" in its release notes). */
const tidRangeScan = 140_000;
/** Bytes; a range that is smaller costs more than it gains. */
const leastRange = 32 * 1024 * 1024;
/** For each connection, so that dense and sparse stretches of the table even out. */
const rangesOfConnection = 4;

/** One range of everything, or several that follow each other; the last one has no end. */
export function pageRanges(facts: DayFacts, connections: number): readonly PageRange[] {
  const divisible =
    connections > 1 && facts.scansWhole && facts.serverVersion >= tidRangeScan && facts.pages > 0;
  const wanted = divisible ? Math.floor(facts.bytes / leastRange) : 1;
  const count = Math.max(1, Math.min(wanted, connections * rangesOfConnection, facts.pages));
  const start = (index: number) => Math.floor((facts.pages * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    from: start(index),
    to: index === count - 1 ? undefined : start(index + 1),
  }));
}

/** The query of one range: the day's, whose last words are conditions, with one more. */
export function rangeQuery(query: string, { from, to }: PageRange): string {
  const bounds = [
    ...(from > 0 ? [`ctid >= '(${String(from)},0)'::tid`] : []),
    ...(to === undefined ? [] : [`ctid < '(${String(to)},0)'::tid`]),
  ];
  return [query, ...bounds].join('\n  and ');
}
