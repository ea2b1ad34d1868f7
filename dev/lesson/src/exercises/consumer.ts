/** Exercise 8: a program that reads what the page shows, as data. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

const [otherSql, mended, bad, stale, missing, notLoaded, neverRun] = [
  '2010-12-01',
  '2010-12-02',
  '2010-12-03',
  '2010-12-04',
  '2010-12-05',
  '2010-12-06',
  '2010-12-07',
] as const;

const answersOf = (today: string): readonly Answer[] => [
  { ds: otherSql, in: true, state: 'other SQL' },
  { ds: mended, in: true, state: 'loaded' },
  { ds: stale, in: true, state: 'stale' },
  { ds: bad, in: false, state: 'failed', job: 'extract-purchases', exit: 65 },
  { ds: missing, in: false, state: 'incomplete', job: 'stage-reviews', exit: 75 },
  { ds: notLoaded, in: false, state: 'not loaded', job: 'redshift-load', exit: 75 },
  { ds: neverRun, in: false, state: 'missing' },
  { ds: today, in: true, state: 'partial' },
];

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  const today = utcDay();
  await prepare(workshop, today);
  if (utcDay() !== today) throw new Error('a day ended while the judge ran: run it again');
  const judgements: Judgement[] = [];
  for (const answer of answersOf(today)) {
    const { stdout, failure } = await runScript(workshop, 'is-in.sh', { args: [answer.ds] });
    judgements.push({
      what: answer.ds,
      expected: textOf(answer),
      found: failure ?? answerIn(stdout),
    });
  }
  return judgements;
}

async function prepare(workshop: Workshop, today: string): Promise<void> {
  await breakSource(workshop, { bad, missing });
  const reviewsOf = (ds: string) => (workshop.env['REVIEWS_SOURCE'] ?? '').replace('{ds}', ds);
  await copyFile(reviewsOf(mended), reviewsOf(today));
  // Too early, so they fail. A later run mends the first; of the second, an earlier job fails after it.
  for (const ds of [mended, bad, notLoaded])
    await workshop.job('redshift-load', { args: [`--ds=${ds}`] });
  // The vendor has delivered another file first, and withdrawn it.
  const withdrawn = join(workshop.scratch, 'withdrawn.csv');
  await writeFile(withdrawn, 'cid,product\n1,lamp\n');
  await workshop.job('stage-reviews', {
    args: [`--ds=${missing}`],
    env: { REVIEWS_SOURCE: withdrawn },
  });
  const env = { MIN_QUANTITY: '5' };
  await succeed(workshop, 'extract-purchases', { args: [`--ds=${stale}`], env });
  for (const ds of [otherSql, mended, bad, missing, notLoaded, today])
    await workshop.job('extract-purchases', { args: [`--ds=${ds}`] });
  for (const job of ['stage-reviews', 'emr-clean'] as const) {
    await workshop.job(job, { args: [`--ds=${otherSql}`, `--through=${notLoaded}`] });
    await succeed(workshop, job, { args: [`--ds=${today}`] });
  }
  await succeed(workshop, 'redshift-load', { args: [`--ds=${otherSql}`] });
  await changeSql(workshop);
  await workshop.job('redshift-load', { args: [`--ds=${mended}`, `--through=${missing}`] });
  await workshop.job('redshift-load', { args: [`--ds=${today}`] });
}

const utcDay = () => new Date().toISOString().slice(0, 'yyyy-mm-dd'.length);

/** Another text that has the same result. */
async function changeSql({ folder }: Workshop): Promise<void> {
  const path = join(folder, 'sql/warehouse/load/050_insert_days.sql');
  const text = await readFile(path, 'utf8');
  const other = text.replace(/^select$/m, 'select all');
  if (other === text) throw new Error(`${path} has no line "select", which the judge replaces`);
  await writeFile(path, other);
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
