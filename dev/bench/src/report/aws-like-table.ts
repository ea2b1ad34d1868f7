/** The table of what is waited for where calls, statements and steps take as long as on AWS. */
import type { Entry } from '../result.ts';
import { count, seconds } from './figures.ts';
import { markdownTable } from './markdown-table.ts';

export const awsLikeText = `Days from Postgres to the metric, as \`make backfill\` runs them, where fronts before S3, EMR and the Data API make
each call, statement and step take what AWS takes. [latencies.ts](../dev/bench/src/aws-like/latencies.ts) has each
latency with its source; it is no measurement of AWS. The work itself is that of the local cloud.

A moment counts once, for the first of these that applies: a step of EMR or a statement of Redshift runs; it has ended,
and nobody has asked since (_unnoticed_); a call of the Data API, of EMR, or of S3 is on its way. The rest is the job's
own time, with the source's. A load runs when the one before has ended. The first row is of the operator and its jobs together.`;

const columns = [
  ['job', 'left'],
  ['days', 'right'],
  ['time, s', 'right'],
  ['steps', 'right'],
  ['statements', 'right'],
  ['unnoticed', 'right'],
  ['Data API', 'right'],
  ['EMR', 'right'],
  ['S3', 'right'],
  ['own', 'right'],
  ['calls', 'right'],
] as const;

const kinds = ['step', 'statement', 'unnoticed', 'data-api', 'emr', 's3', 'own'] as const;

export function awsLikeTable(entries: readonly Entry[]): string {
  return markdownTable(
    columns,
    entries.flatMap(({ name, size = 1, runs }) =>
      runs.map(({ wall, waits = {}, calls = 0 }) => [
        `**${name}**`,
        count(size),
        seconds(wall),
        ...kinds.map((kind) => (waits[kind] === undefined ? '' : waits[kind].toFixed(1))),
        count(calls),
      ]),
    ),
  );
}
