/** The command that compares the source with what is published. */
import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import type { Argv } from 'yargs';
import { jsonOption, type Output } from '../output.ts';
import { parseRunner, requireJobs } from '../run/job-command.ts';
import type { Shell } from '../shell.ts';
import { formatTable } from '../table.ts';
import { requireLocalCloud } from '../world/world.ts';
import { type LookedDay, lookAtSource, lookTotals } from './source-look.ts';

export const lookCommand = (cli: Argv, shell: Shell): Argv =>
  cli.command(
    'look',
    'which days differ at the source from what is published; changes nothing',
    (options) =>
      options
        .option('from', { type: 'string', demandOption: true, describe: 'the first day' })
        .option('to', { type: 'string', demandOption: true, describe: 'the last day' })
        .options(jsonOption),
    async (given) => {
      const names = { from: shell.optionName('from'), through: shell.optionName('to') };
      const days = dsRange(
        parseDs(given.from, names.from),
        parseDs(given.to, names.through),
        names,
      );
      await requireLocalCloud(shell.env);
      const runner = parseRunner(shell.env['RUNNER']);
      await requireJobs(runner);
      const looked = await lookAtSource(days, runner, shell.stopSignal());
      shell.print(lookOutput(looked));
      shell.report(lookTotals(looked));
    },
  );

/** The text leaves out the days that are the same. */
const lookOutput = (days: readonly LookedDay[]): Output => ({
  text: (width) => {
    const rows = days
      .filter(({ verdict }) => verdict !== 'same')
      .map(({ ds, verdict, rows, published }) => [ds, verdict, published?.rows, rows]);
    return rows.length === 0
      ? 'nothing has changed at the source'
      : formatTable(['ds', 'source', 'published rows', 'rows now'], rows, { width });
  },
  json: () => ({
    days: days.map(({ ds, verdict, rows, hash, published }) => ({
      ...{ ds, verdict, rows, hash, published: published ?? null },
    })),
  }),
});
