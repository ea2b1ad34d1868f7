/** Exercise 8: a program that reads what the page shows, as data. */
import { runScript } from '../commands.ts';
import { succeed } from '../stages.ts';
import type { Workshop } from '../workshop.ts';
import { breakSource } from './broken-source.ts';
import type { Exercise, Judgement } from './exercise.ts';

export const consumer: Exercise = {
  number: 8,
  title: 'A consumer of the page',
  task: [
    'The page tells people whether a day is in. A program, e.g. one that mails a report each morning, asks the same:',
    'write is-in.sh in the root of the checkout. `bash is-in.sh 2010-12-02` prints one line of JSON and ends with 0:',
    '  {"ds": "2010-12-02", "in": false, "state": "failed", "job": "extract-purchases", "exit": 65}',
    '"state" is that of make status. A day is in if it is loaded, and also if it is partial, stale or has other SQL: readers',
    'have its rows. "job" and "exit" say why a day is not in: the first job, in the order of the pipeline, whose newest run',
    'of the day failed. Leave both out if the day is in, or if no job has failed.',
    'Do not take the HTML apart: docs/operating.md, "JSON", has the commands that print the same for programs.',
    'The judge prepares days in several states, and asks the script about each.',
  ],
  adds: 'is-in.sh',
  services: ['postgres', 's3', 'emr', 'redshift'],
  judge,
};

interface Answer {
  readonly ds: string;
  readonly in: boolean;
  readonly state: string;
  readonly job?: string;
  readonly exit?: number;
}

const [mended, stale, bad, missing, neverRun] = [
  '2010-12-01',
  '2010-12-02',
  '2010-12-03',
  '2010-12-04',
  '2010-12-05',
] as const;

const answers: readonly Answer[] = [
  { ds: mended, in: true, state: 'loaded' },
  { ds: stale, in: true, state: 'stale' },
  { ds: bad, in: false, state: 'failed', job: 'extract-purchases', exit: 65 },
  { ds: missing, in: false, state: 'incomplete', job: 'stage-reviews', exit: 75 },
  { ds: neverRun, in: false, state: 'missing' },
];

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  await prepare(workshop);
  const judgements: Judgement[] = [];
  for (const answer of answers) {
    const { stdout, failure } = await runScript(workshop, 'is-in.sh', { args: [answer.ds] });
    judgements.push({
      what: answer.ds,
      expected: textOf(answer),
      found: failure ?? answerIn(stdout),
    });
  }
  return judgements;
}

async function prepare(workshop: Workshop): Promise<void> {
  await breakSource(workshop, { bad, missing });
  // Too early, so it fails. A later run mends it.
  await workshop.job('redshift-load', { args: [`--ds=${mended}`] });
  const env = { MIN_QUANTITY: '5' };
  await succeed(workshop, 'extract-purchases', { args: [`--ds=${stale}`], env });
  for (const ds of [mended, bad, missing])
    await workshop.job('extract-purchases', { args: [`--ds=${ds}`] });
  for (const job of ['stage-reviews', 'emr-clean', 'redshift-load'])
    await workshop.job(job, { args: [`--ds=${mended}`, `--through=${missing}`] });
}

/** The answer that the line of JSON holds, or the line. */
function answerIn(stdout: string): string {
  try {
    return textOf(JSON.parse(stdout) as Answer);
  } catch {
    return `no line of JSON: ${stdout.split('\n')[0] ?? ''}`;
  }
}

const textOf = ({ ds, in: isIn, state, job, exit }: Answer): string =>
  JSON.stringify({ ds, in: isIn, state, job, exit });
