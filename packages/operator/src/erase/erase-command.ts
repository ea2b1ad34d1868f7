/** `operator erase`: removes a customer from the metric and from the bucket, by making the customer's days again. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure, isDone, mostSevereExit } from '@user-behaviour/shared/failure';
import type { JobName } from '@user-behaviour/shared/pipeline';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import type { Argv } from 'yargs';
import { requireConsent } from '../command-line/consent.ts';
import { operatorConfiguration } from '../config.ts';
import { jsonOption } from '../output.ts';
import { Journal } from '../journal/journal.ts';
import { requireJobs } from '../run/job-command.ts';
import { markRunning } from '../run/running-mark.ts';
import { tellShellSettings } from '../run/shell-settings.ts';
import { runDays } from '../run/work.ts';
import { type Manner, mannerOf, workOptions } from '../run/work-options.ts';
import type { Shell } from '../shell.ts';
import { requireLocalCloud, tellWorld } from '../world/world.ts';
import { parseCustomer } from './customer.ts';
import { type Erasure, eraseOutput } from './erase-report.ts';
import { findCustomer, type Found, type Trace } from './find-customer.ts';
import { removeReplacedRuns } from './remove-runs.ts';
import { requireGoneAtSource, requireGoneInReviews } from './require-gone.ts';

export function eraseCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'erase',
    'remove a customer, whom the source and the vendor have erased, from the metric and the bucket',
    (options) =>
      options
        .option('customer', { type: 'string', demandOption: true, describe: "the customer's id" })
        .options(workOptions)
        .option('jobs', { type: 'string', default: '4', describe: 'days at a time' })
        .option('yes', { type: 'boolean', default: false, describe: 'erase without a question' })
        .options(jsonOption),
    async (given) => {
      const customer = parseCustomer(given.customer, shell.optionName('customer'));
      await erase(customer, { ...mannerOf(given, shell), dryRun: given.dryRun }, shell);
    },
  );
}

type Wanted = Manner & { readonly dryRun: boolean };

/**
 * Each step leaves a state that a second run finds: until a day is made again, a table or a published run shows the
 * customer; afterwards, a run that nothing names holds the customer until it is removed.
 */
async function erase(customer: string, wanted: Wanted, shell: Shell): Promise<void> {
  await requireLocalCloud(shell.env);
  await requireJobs(wanted.runner);
  const configuration = operatorConfiguration(shell.env);
  const s3 = createS3Client(configuration);
  const where: Bucket = { s3, bucket: configuration.PIPELINE_BUCKET };
  try {
    const world = await tellWorld(configuration, shell.env);
    shell.report(`erase: on ${world}`);
    const signal = shell.stopSignal();
    const { now } = new ServerClock(s3, () => new Date());
    const found = await findCustomer(where, configuration, customer, { signal });
    const print = (rest: Pick<Erasure, 'removals' | 'remaining'>) => {
      shell.print(eraseOutput({ customer, found, ...rest }));
    };
    const days = daysOf(found);
    if (wanted.dryRun || days.length === 0) print({ removals: undefined, remaining: [] });
    await requireGoneAtSource(customer, shell.env);
    await requireGoneInReviews(customer, daysOfReviews(found), {
      environment: shell.env,
      s3,
      signal,
    });
    if (wanted.dryRun || days.length === 0) {
      shell.end(0);
      return;
    }
    await requireConsent('erase', days, wanted.yes, shell, 0);
    using _mark = markRunning('erase');
    // The command names the customer; its journal does not.
    using journal = new Journal({ command: 'erase', world, days });
    const exit = await makeAgain(found, wanted, shell, journal);
    journal.write({ event: 'end', exit });
    if (!isDone(exit)) {
      shell.report('nothing was removed: erase again when the days can be made');
      shell.end(exit);
      return;
    }
    const removals = await removeReplacedRuns(where, configuration, new Set(days), { now, signal });
    const left = await findCustomer(where, configuration, customer, {
      signal,
      days: new Set(days),
    });
    print({ removals, remaining: left.traces });
    const failures = removals.flatMap(({ outcome }) =>
      outcome instanceof Failure ? [outcome] : [],
    );
    failures.push(...whatRemains(customer, left, days));
    for (const { message, action } of failures) shell.report(`${message}\n${action}`);
    shell.end(mostSevereExit([exit, ...failures.map((failure) => failure.exit)]));
  } finally {
    s3.destroy();
  }
}

const sorted = (days: Iterable<Ds>): Ds[] => [...new Set(days)].sort();

const daysOf = ({ traces, unread }: Found): Ds[] =>
  sorted([...traces.map(({ ds }) => ds), ...unread]);

/** The days whose reviews must be staged again. */
const daysOfReviews = ({ traces }: Found): Ds[] =>
  sorted(traces.filter(isOfReviews).map(({ ds }) => ds));

const isOfReviews = ({ rows, isPublished }: Trace): boolean => rows === 'reviews' && isPublished;

/**
 * Runs the jobs whose results hold the customer, and no others: a file that has nobody to erase may be gone. Stops at
 * work that is not done, and returns the most severe exit code.
 */
async function makeAgain(
  { traces }: Found,
  manner: Manner,
  shell: Shell,
  journal: Journal,
): Promise<number> {
  // The result is one document: what the jobs did is progress.
  const print = (text: unknown) => {
    shell.report(String(text));
  };
  const published = Map.groupBy(
    traces.filter(({ isPublished }) => isPublished),
    ({ ds }) => ds,
  );
  const work = [...published]
    .map(([ds, ofDay]) => ({ ds, leave: jobsToLeave(ofDay) }))
    .sort((a, b) => (a.ds < b.ds ? -1 : 1));
  const settings = await tellShellSettings(
    shell.env,
    work.map(({ ds }) => ds),
  );
  settings.forEach(shell.report);
  const exits: number[] = [];
  for (const alike of Map.groupBy(work, ({ leave }) => leave.join()).values()) {
    const days = alike.map(({ ds }) => ds);
    const exit = await runDays(days, manner, { ...shell, print }, journal, alike[0]?.leave);
    exits.push(exit);
    if (!isDone(exit)) break;
  }
  return mostSevereExit(exits);
}

/** The jobs of a day whose results do not hold the customer. */
export function jobsToLeave(
  traces: readonly Pick<Trace, 'rows' | 'isLoaded'>[],
): readonly JobName[] {
  const has = (rows: Trace['rows']) => traces.some((trace) => trace.rows === rows);
  return [
    ...(has('purchases') ? [] : (['extract-purchases'] as const)),
    ...(has('reviews') ? [] : (['stage-reviews', 'emr-clean'] as const)),
    ...(traces.some(({ isLoaded }) => isLoaded) ? [] : (['redshift-load'] as const)),
  ];
}

function whatRemains(customer: string, { traces, unread }: Found, days: readonly Ds[]): Failure[] {
  if (traces.some(({ isPublished }) => isPublished)) {
    return [
      new Failure('data', `rows of customer ${customer} were published again meanwhile`, {
        action: 'find out whether the source or the vendor has them again, then erase again',
      }),
    ];
  }
  // Another day's cleaning may have replaced a run meanwhile.
  if (traces.length === 0 && !unread.some((ds) => days.includes(ds))) return [];
  return [
    new Failure('transient', `some runs that may hold customer ${customer} may still be in use`, {
      action: 'erase again when nothing runs for these days, or a day later',
    }),
  ];
}
