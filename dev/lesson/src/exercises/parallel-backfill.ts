/** Exercise 6: many days, several at a time. */
import { runScript } from '../commands.ts';
import { totals } from '../stages.ts';
import type { Workshop } from '../workshop.ts';
import type { Exercise, Judgement } from './exercise.ts';
import { expectedAmount } from './expected-metric.ts';

const days = Array.from({ length: 10 }, (_, at) => `2010-12-${String(at + 1).padStart(2, '0')}`);

export const parallelBackfill: Exercise = {
  number: 6,
  title: 'A parallel backfill',
  task: [
    'Write backfill.sh in the root of the checkout: it fills every day from 2010-12-01 to 2010-12-10,',
    'several days at a time, with the targets of make. docs/operating.md describes them.',
    'The judge runs it in its copy, on an empty cloud, and reads the records of the runs.',
  ],
  adds: 'backfill.sh',
  services: ['postgres', 's3', 'emr', 'redshift'],
  judge,
};

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  const { failure } = await runScript(workshop, 'backfill.sh');
  const judgements: Judgement[] = [
    { what: 'the script', expected: 'ends with 0', found: failure ?? 'ends with 0' },
  ];
  if (failure !== undefined) return judgements;
  for (const ds of days) {
    judgements.push({
      what: `amount_spent of ${ds}`,
      expected: await expectedAmount(workshop, ds),
      found: (await totals(workshop, ds)).amount,
    });
  }
  const most = mostAtOnce(await extractions(workshop));
  const several = 'several days at once';
  return [
    ...judgements,
    {
      what: 'extractions',
      expected: several,
      found: most > 1 ? several : `${String(most)} day at once`,
    },
  ];
}

interface Span {
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** When each day was extracted, from the records of the runs. */
async function extractions({ bucket }: Workshop): Promise<readonly Span[]> {
  const keys = await bucket.keys('runs/extract-purchases/');
  const records = await Promise.all(keys.map((key) => bucket.text(key)));
  return records.flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Span),
  );
}

/** At the start of any of them, how many are under way. */
const mostAtOnce = (spans: readonly Span[]): number =>
  Math.max(
    0,
    ...spans.map(
      ({ startedAt: at }) =>
        spans.filter(({ startedAt, finishedAt }) => startedAt <= at && at < finishedAt).length,
    ),
  );
