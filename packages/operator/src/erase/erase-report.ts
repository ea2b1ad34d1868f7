/** What an erasure found, removed and cannot reach, as text and as JSON. */
import { Failure } from '@user-behaviour/shared/failure';
import type { Output } from '../output.ts';
import type { Removal } from '../sweep/sweep-apply.ts';
import { sweepTotals } from '../sweep/sweep-table.ts';
import { formatTable } from '../table.ts';
import type { Found, Trace } from './find-customer.ts';

export interface Erasure {
  readonly customer: string;
  /** Before the erasure. */
  readonly found: Found;
  /** Undefined if nothing was to be changed. */
  readonly removals: readonly Removal[] | undefined;
  /** Where the customer still is. */
  readonly remaining: readonly Trace[];
}

/** Copies that the pipeline does not manage. */
const outside = [
  'earlier versions of objects, where the bucket keeps them, and copies that replication made',
  'incomplete multipart uploads, until the lifecycle rule of the bucket aborts them',
  'snapshots and backups of Redshift, and deleted rows until it vacuums the table',
  'logs of EMR, and the HDFS of a standing cluster: docs/operating.md#sweep has the command',
  "backups of the source and the vendor's own copies",
  'what readers have copied from the metric',
];

export function eraseOutput(erasure: Erasure): Output {
  const { customer, found, removals, remaining } = erasure;
  const places = (traces: readonly Trace[]) =>
    traces.map(({ ds, rows, where, isPublished }) => ({ ds, rows, where, isPublished }));
  return {
    text: () => eraseText(erasure),
    json: () => ({
      customer,
      applied: removals !== undefined,
      found: places(found.traces),
      unread: found.unread,
      removed: (removals ?? []).map(({ garbage, outcome }) => ({
        where: garbage.where,
        outcome: outcome instanceof Failure ? 'FAILED' : outcome,
      })),
      remaining: places(remaining),
      outside,
    }),
  };
}

function eraseText({ customer, found, removals, remaining }: Erasure): string {
  const table = (traces: readonly Trace[]) =>
    formatTable(
      ['ds', 'rows', 'where'],
      [...traces]
        .sort((a, b) => (a.ds + a.where < b.ds + b.where ? -1 : 1))
        .map(({ ds, rows, where }) => [ds, rows, where]),
    );
  const removed = (removals ?? []).filter(({ outcome }) => outcome === 'removed');
  return [
    found.traces.length === 0 ? `nothing holds rows of customer ${customer}` : table(found.traces),
    ...(found.unread.length === 0
      ? []
      : [
          `replaced Parquet files, which may hold the customer and go unread: ${found.unread.join(', ')}`,
        ]),
    ...(removals === undefined
      ? []
      : [`removed ${sweepTotals(removed.map(({ garbage }) => garbage))}`]),
    ...(remaining.length === 0 ? [] : [`still there:\n${table(remaining)}`]),
    'Out of reach of this command:',
    ...outside.map((text) => `- ${text}`),
  ].join('\n');
}
