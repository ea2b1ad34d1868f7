/** Exercise 9: what went wrong, by what the pipeline tells of itself. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobs } from '@user-behaviour/shared/pipeline';
import { operator } from '@user-behaviour/testkit/operator-command';
import type { Workshop } from '../workshop.ts';
import { breakSource } from './broken-source.ts';
import type { Exercise, Judgement } from './exercise.ts';

const [from, bad, missing] = ['2010-12-01', '2010-12-02', '2010-12-03'] as const;

export const failingSource: Exercise = {
  number: 9,
  title: 'A failing source',
  task: [
    `Three days were run, ${from} to ${missing}, and not all of them are in the metric. Find out why from the output`,
    'of status, health, runs and page alone; it is below. Write diagnosis.json in the root of the checkout, a list with an',
    'entry for each cause: {"ds": "2010-12-01", "job": "redshift-load", "exit": 70}. Do not list a job that failed only',
    'because another one had failed.',
  ],
  adds: 'diagnosis.json',
  services: ['postgres', 's3', 'emr', 'redshift'],
  start,
  judge,
};

/** Runs the days with a source that fails on two of them. */
async function runWithFaults(workshop: Workshop): Promise<void> {
  await breakSource(workshop, { bad, missing });
  for (const job of jobs)
    await workshop.job(job, { args: [`--ds=${from}`, `--through=${missing}`] });
}

async function start(workshop: Workshop): Promise<Readonly<Record<string, string>>> {
  await runWithFaults(workshop);
  const page = join(workshop.scratch, 'page.html');
  const env = { ...workshop.env, HISTORY_START: from, HISTORY_END: missing };
  const said = async (...argv: readonly string[]) => {
    const { stdout, stderr } = await operator(env, ...argv);
    return `${stdout}${stderr}`;
  };
  await said('page', `--out=${page}`);
  const runs: string[] = [];
  for (const ds of [from, bad, missing]) runs.push(await said('runs', `--ds=${ds}`));
  return {
    'status.txt': await said('status'),
    'health.txt': await said('health', '--due=06:00', '--days=3'),
    'runs.txt': runs.join('\n'),
    'page.html': await readFile(page, 'utf8'),
  };
}

interface Failed {
  readonly ds: string;
  readonly job: string;
  readonly exit: number;
}

async function judge(workshop: Workshop): Promise<readonly Judgement[]> {
  const said = await diagnosis(workshop);
  if (said === undefined) {
    return [{ what: 'diagnosis.json', expected: 'a list in JSON', found: 'something else' }];
  }
  await runWithFaults(workshop);
  const causes = await firstFailures(workshop);
  const textOf = ({ job, exit }: Failed) => `${job} ended with ${String(exit)}`;
  return [from, bad, missing].map((ds) => {
    const of = (list: readonly Failed[]) =>
      list
        .filter((one) => one.ds === ds)
        .map(textOf)
        .join(', ') || 'nothing';
    const isFound = of(said) === of(causes);
    return {
      what: `what failed first on ${ds}`,
      expected: isFound ? of(causes) : 'something else',
      found: of(said),
    };
  });
}

/** Undefined if it is not a list in JSON. */
async function diagnosis({ folder }: Workshop): Promise<readonly Failed[] | undefined> {
  const text = await readFile(join(folder, 'diagnosis.json'), 'utf8');
  try {
    const found = JSON.parse(text) as unknown;
    return Array.isArray(found) ? (found as readonly Failed[]) : undefined;
  } catch {
    return undefined;
  }
}

/** The first job that failed on each day, in the order of the pipeline, from the records of the runs. */
async function firstFailures({ bucket }: Workshop): Promise<readonly Failed[]> {
  const keys = await bucket.keys('runs/');
  const records = (await Promise.all(keys.map((key) => bucket.text(key)))).flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Failed),
  );
  const failed = records.filter(({ exit }) => exit !== 0);
  return [...Map.groupBy(failed, ({ ds }) => ds).values()].flatMap((ofDay) => {
    const first = jobs.find((job) => ofDay.some((one) => one.job === job));
    return ofDay.filter(({ job }) => job === first);
  });
}
