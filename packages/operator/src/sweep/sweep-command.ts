/** The sweep: shows or removes what abandoned and superseded runs have left behind. */
import { type Ds, isDs } from '@user-behaviour/shared/ds';
import type { LeasedDay } from '@user-behaviour/emr-clean/live-steps';
import type { Environment } from '@user-behaviour/shared/runner/config';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { asFailure, Failure, mostSevere } from '@user-behaviour/shared/failure';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import type { Argv } from 'yargs';
import { requireConsent } from '../command-line/consent.ts';
import { clusterConfiguration, operatorConfiguration, retentionOf } from '../config.ts';
import { requireBucket } from '../facts/inventory.ts';
import { readLedger } from '../facts/ledger.ts';
import { jsonOption } from '../output.ts';
import type { Garbage } from './garbage.ts';
import type { Shell } from '../shell.ts';
import { removeGarbage } from './sweep-apply.ts';
import { findGarbage } from './find-garbage.ts';
import type { SweepAges } from './sweep-rules.ts';
import { sweepOutput, sweepTotals } from './sweep-table.ts';
import { parseSpan } from '../time-span.ts';
import { requireLocalCloud, tellWorld } from '../world/world.ts';

export function sweepCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'sweep',
    'show what abandoned and superseded runs have left behind; --apply removes it',
    (options) =>
      options
        .option('apply', { type: 'boolean', default: false, describe: 'remove it' })
        .option('dry-run', { type: 'boolean', default: false, describe: 'remove nothing' })
        .option('yes', {
          type: 'boolean',
          default: false,
          describe: 'remove from more than 60 days without a question',
        })
        .option('older', {
          type: 'string',
          default: '24h',
          describe: 'keep what was written within this time',
        })
        .option('keep', {
          type: 'string',
          describe: 'keep what was replaced within this time [default: KEEP_RUNS]',
        })
        .options(jsonOption),
    async ({ apply, dryRun, yes, older, keep }) => {
      const name = shell.optionName;
      const spans = {
        older: parseSpan(older, name('older')),
        ...(keep === undefined ? {} : { keep: parseSpan(keep, name('keep')) }),
      };
      await sweep(spans, { apply: apply && !dryRun, yes }, shell);
    },
  );
}

interface Wanted {
  readonly apply: boolean;
  readonly yes: boolean;
}

async function sweep(
  spans: Pick<SweepAges, 'older'> & Partial<Pick<SweepAges, 'keep'>>,
  { apply, yes }: Wanted,
  shell: Shell,
): Promise<void> {
  await requireLocalCloud(shell.env);
  const configuration = operatorConfiguration(shell.env);
  const retention = retentionOf(shell.env);
  const s3 = createS3Client(configuration);
  const where = { s3, bucket: configuration.PIPELINE_BUCKET };
  const { now } = new ServerClock(s3, () => new Date());
  try {
    await requireBucket(where);
    // The time before the search: whatever is written from here on counts as new.
    const ages = { ...retention, ...spans, now: now().getTime() };
    const failures: Failure[] = [];
    const { garbage, unreadable } = await findGarbage(
      where,
      () => readLedger(configuration, {}),
      ages,
      (days) => daysOfLiveSteps(days, shell.env, failures),
    );
    failures.push(
      ...unreadable.map(
        (what) =>
          new Failure('data', `the manifest of ${what} cannot be read; nothing of it was removed`),
      ),
    );
    if (garbage.length === 0) shell.print(sweepOutput(garbage, ages.now, apply ? [] : undefined));
    else if (!apply) {
      shell.print(sweepOutput(garbage, ages.now));
      const option = shell.optionName('apply') === 'APPLY' ? 'APPLY=1' : '--apply';
      shell.report(`${sweepTotals(garbage)}; nothing was removed: use ${option} to remove it`);
    } else {
      shell.report(`sweep: on ${await tellWorld(configuration, shell.env)}`);
      await requireConsent('sweep', daysOf(garbage), yes, shell);
      const removals = await removeGarbage(where, garbage, { now, signal: shell.stopSignal() });
      shell.print(sweepOutput(garbage, ages.now, removals));
      const ended = (wanted: 'removed' | 'left') =>
        removals.filter(({ outcome }) => outcome === wanted).map((removal) => removal.garbage);
      shell.report(`removed ${sweepTotals(ended('removed'))}; left ${sweepTotals(ended('left'))}`);
      failures.push(
        ...removals.flatMap(({ outcome }) => (outcome instanceof Failure ? [outcome] : [])),
      );
    }
    for (const { message, action } of failures) shell.report(`${message}\n${action}`);
    shell.end(mostSevere(failures)?.exit ?? 0);
  } finally {
    s3.destroy();
  }
}

/** All of the days, and a failure, if EMR does not say which of their steps have ended. */
async function daysOfLiveSteps(
  days: readonly LeasedDay[],
  environment: Environment,
  failures: Failure[],
): Promise<ReadonlySet<Ds>> {
  if (days.length === 0) return new Set();
  try {
    const { daysWithLiveSteps } = await import('@user-behaviour/emr-clean/live-steps');
    return await daysWithLiveSteps(clusterConfiguration(environment), days);
  } catch (error) {
    const { kind, message, action } = asFailure(error);
    const left = `the leases of ${days.map(({ ds }) => ds).join(', ')} were left, for their steps may be live`;
    failures.push(new Failure(kind, `${left}: ${message}`, { cause: error, action }));
    return new Set(days.map(({ ds }) => ds));
  }
}

/** The days that the sweep removes something of. */
const daysOf = (garbage: readonly Garbage[]): Ds[] =>
  [...new Set(garbage.flatMap(({ where }) => where.split('/').filter(isDs)))].sort();
