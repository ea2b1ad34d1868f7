/** How the queries of a load are shown; pure. */
import type { Output } from '../output.ts';
import { formatTable } from '../table.ts';
import type { LoadQueries, LoadQuery, Scan } from './load-queries.ts';

const columns = [
  ...['query', 'status', 'queue s', 'run s', 'returned'],
  ...['scans', 'files', 'partitions', 'rows from S3', 'statement'],
];

export const queriesOutput = (load: LoadQueries, cost: string): Output => ({
  text: (width) =>
    [
      `${load.label}${load.loads > 1 ? `, the last of ${String(load.loads)} loads in the query history` : ''}`,
      '',
      formatTable(columns, load.queries.flatMap(linesOf), { width }),
      '',
      `${String(load.queries.length)} queries: ${String(load.queueSeconds)} s in a queue, ${String(load.runSeconds)} s running`,
      `cost: ${cost}`,
    ].join('\n'),
  json: () => ({ ...load, cost }),
});

/** A line for the query, which has its first scan, and one for each further scan. */
function linesOf(query: LoadQuery): (string | number | undefined)[][] {
  const { queryId, status, queueSeconds, runSeconds, returnedRows, text, scans } = query;
  const [first, ...others] = scans;
  return [
    [queryId, status, queueSeconds, runSeconds, returnedRows, ...cellsOf(first), text],
    ...others.map((scan) => [...Array<undefined>(5), ...cellsOf(scan)]),
  ];
}

const cellsOf = (scan: Scan | undefined): (string | number | undefined)[] =>
  scan === undefined
    ? Array<undefined>(4)
    : [
        scan.table,
        scan.files,
        `${String(scan.partitionsRead)} of ${String(scan.partitions)}`,
        scan.rows,
      ];
