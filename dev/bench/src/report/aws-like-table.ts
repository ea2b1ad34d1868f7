/** The table of what is waited for where calls, statements and steps take as long as on AWS. */
import { measureOf } from '../published/measures.ts';
import type { Figures } from '../published/section-figures.ts';
import { count } from './figures.ts';
import { markdownTable } from './markdown-table.ts';

export const awsLikeText = `Days from Postgres to the metric, as \`make backfill\` runs them, where fronts before S3, EMR and the Data API make
each call, statement and step take what AWS takes. [latencies.ts](../dev/bench/src/aws-like/latencies.ts) has each
latency with its source; it is no measurement of AWS. The work itself is that of the local cloud.

A moment counts once, for the first of these that applies: a step of EMR or a statement of Redshift runs; it has ended,
and nobody has asked since (_unnoticed_); a call of the Data API, of EMR, or of S3 is on its way. The rest is the job's
own time, with the source's. A load runs when the one before has ended. The first row is of the operator and its jobs together.`;

const shown = [
  ...(['time', 'steps', 'statements', 'unnoticed', 'Data API', 'EMR', 'S3', 'own'] as const),
  'calls',
] as const;

const columns = [
  ['job', 'left'],
  ['days', 'right'],
  ...shown.map((measure) => [measure === 'time' ? 'time, s' : measure, 'right'] as const),
] as const;

export function awsLikeTable(entries: readonly Figures[]): string {
  return markdownTable(
    columns,
    entries.map((entry) => [
      `**${entry.name}**`,
      count(entry.size ?? 1),
      ...shown.map((measure) => measureOf(entry, measure) ?? ''),
    ]),
  );
}
