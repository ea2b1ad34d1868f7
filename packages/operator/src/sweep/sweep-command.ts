/** The sweep: shows or removes what abandoned and superseded runs have left behind. */
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { Failure, mostSevere } from '@user-behaviour/shared/failure';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import type { Argv } from 'yargs';
import { operatorConfiguration } from '../config.ts';
import { requireBucket } from '../facts/inventory.ts';
import { readLedger } from '../facts/ledger.ts';
import { jsonOption } from '../output.ts';
import type { Shell } from '../shell.ts';
import { removeGarbage } from './sweep-apply.ts';
import { findGarbage } from './find-garbage.ts';
import type { SweepAges } from './sweep-rules.ts';
import { sweepOutput, sweepTotals } from './sweep-table.ts';
import { parseSpan } from '../time-span.ts';

export function sweepCommand(cli: Argv, shell: Shell): Argv {
  return cli.command(
    'sweep',
    'show what abandoned and superseded runs have left behind; --apply removes it',
    (options) =>
      options
        .option('apply', { type: 'boolean', default: false, describe: 'remove it' })
        .option('older', {
          type: 'string',
          default: '24h',
          describe: 'keep what was written within this time',
        })
        .option('keep', {
          type: 'string',
          default: '7d',
          describe: 'keep what was replaced within this time',
        })
        .options(jsonOption),
    async ({ apply, older, keep }) => {
      const spans = { older: parseSpan(older, 'OLDER'), keep: parseSpan(keep, 'KEEP') };
      await sweep(spans, apply, shell);
    },
  );
}

async function sweep(spans: Omit<SweepAges, 'now'>, apply: boolean, shell: Shell): Promise<void> {
  const configuration = operatorConfiguration(shell.env);
  const s3 = createS3Client(configuration);
  const where = { s3, bucket: configuration.PIPELINE_BUCKET };
  const { now } = new ServerClock(s3, () => new Date());
  try {
    await requireBucket(where);
    // The time before the search: whatever is written from here on counts as new.
    const ages = { ...spans, now: now().getTime() };
    const { garbage, unreadable } = await findGarbage(
      where,
      () => readLedger(configuration, {}),
      ages,
    );
    const failures = unreadable.map(
      (what) =>
        new Failure('data', `the manifest of ${what} cannot be read; nothing of it was removed`),
    );
    if (garbage.length === 0) shell.print(sweepOutput(garbage, ages.now, apply ? [] : undefined));
    else if (!apply) {
      shell.print(sweepOutput(garbage, ages.now));
      shell.report(`${sweepTotals(garbage)}; nothing was removed: use APPLY=1 to remove it`);
    } else {
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
