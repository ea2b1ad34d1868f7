/**
 * What AWS charges for, in the quantities that the records and the manifests know. The records have neither the size
 * of the cluster nor that of the warehouse, so these are not amounts of money.
 */
import type { DayRecord } from '@user-behaviour/shared/runner/day-record';
import * as z from 'zod';
import { type Html, markup, table } from './markup.ts';
import type { PageDay, PageFacts } from './page-facts.ts';
import { bytes, plural, seconds } from './words.ts';

const some = <T extends z.ZodType>(schema: T) => z.array(schema).catch([]);
const withStep = z.object({ seconds: z.number(), facts: z.object({ stepId: z.string() }) });
const withStatements = z.object({
  statements: some(z.object({ id: z.string(), seconds: z.number().optional() })),
});

/** Of a part that several days or processes share, once: the longest time that one of them saw. */
function once(parts: readonly { readonly id: string; readonly seconds?: number | undefined }[]) {
  const longest = new Map<string, number>();
  for (const { id, seconds: spent = 0 } of parts) {
    longest.set(id, Math.max(spent, longest.get(id) ?? 0));
  }
  return { number: longest.size, seconds: [...longest.values()].reduce((a, b) => a + b, 0) };
}

const stepsOf = (records: readonly DayRecord[]) =>
  once(
    records
      .flatMap(({ phases }) => phases.flatMap((phase) => withStep.safeParse(phase).data ?? []))
      .map((phase) => ({ id: phase.facts.stepId, seconds: phase.seconds })),
  );

const statementsOf = (records: readonly DayRecord[]) =>
  once(records.flatMap((record) => withStatements.safeParse(record).data?.statements ?? []));

function storedOf(days: readonly PageDay[]) {
  const results = days.flatMap(({ published }) => [...published.values()]);
  return { number: results.length, bytes: results.reduce((sum, one) => sum + one.bytes, 0) };
}

export function charges({ records, days }: PageFacts): Html {
  const [steps, statements, stored] = [stepsOf(records), statementsOf(records), storedOf(days)];
  return markup`<h3>What AWS charges for</h3>
${table(
  'What AWS charges for',
  [{ title: 'part' }, { title: 'on record' }, { title: 'charged by' }],
  [
    [
      'EMR',
      `${seconds(steps.seconds)} of ${plural(steps.number, 'step')}`,
      'the hours of its instances',
    ],
    [
      'Redshift',
      `${seconds(statements.seconds)} of ${plural(statements.number, 'statement')}`,
      'the RPU-seconds of a workgroup, or the hours of a cluster',
    ],
    [
      'S3',
      `${bytes(stored.bytes)} of ${plural(stored.number, 'published result')}`,
      'the bytes stored, and requests',
    ],
  ],
)}<p class="soft">The records do not have the size of the cluster and of the warehouse, so there are no amounts: make aws-cost shows what AWS has charged.</p>`;
}
