/** The command line: up, push, day, logs, cost, doctor, down. A command's code is loaded when it runs. */
import { type Ds, dsRange, parseDs } from '@user-behaviour/shared/ds';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import { jobs } from '@user-behaviour/shared/pipeline';
import yargs, { type Argv } from 'yargs';
import { type TaskName, taskNames } from '../deployed-names.ts';
import { mostParts } from '../state-machine/expressions.ts';
import type { DayInput } from './day.ts';
import { accountOf, contextValues, regionOf } from './settings.ts';
import type { Shell } from './shell.ts';

const yesOption = {
  yes: { type: 'boolean', default: false, describe: 'do not ask' },
} as const;

/** @throws a failure for a wrong command line, and that of the command */
export async function awsCommands(argv: readonly string[], shell: Shell): Promise<void> {
  await commandsOf(yargs([...argv]), shell)
    .scriptName('aws')
    .locale('en')
    .option('context', {
      type: 'string',
      array: true,
      requiresArg: true,
      default: [] as string[],
      describe: 'key=value, which wins over infra/aws/cdk.context.json',
    })
    .demandCommand(1, 'name a command: up, push, day, logs, cost, doctor or down')
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error: unknown) => {
      throw error instanceof Failure || message === '' || (message as string | null) === null
        ? asFailure(error)
        : new Failure('usage', message.replaceAll(/\s+/g, ' '));
    })
    .parseAsync();
}

/** `--context` is an option of all commands, so yargs does not tell a command its type. */
const values = (given: Readonly<Record<string, unknown>>) =>
  contextValues((given['context'] ?? []) as readonly string[]);

function commandsOf(cli: Argv, shell: Shell): Argv {
  return cli
    .command(
      'up',
      'deploy the pipeline, or what has changed',
      (options) =>
        options.options({
          ...yesOption,
          check: { type: 'boolean', default: true, describe: 'run the checks of the jobs' },
        }),
      async (given) => {
        const context = values(given);
        const { up } = await import('./up.ts');
        await up(context, given, shell);
      },
    )
    .command('push', 'build and push the images', {}, async (given) => {
      const context = values(given);
      const region = regionOf(context, shell.env);
      const account = await accountOf(context, region);
      const [{ commitOf, push }, { readContext }] = await Promise.all([
        import('./images.ts'),
        import('../context.ts'),
      ]);
      const tag = context['tag'] ?? commitOf(shell);
      const today = new Date().toISOString().slice(0, 10);
      await push(readContext({ ...context, region, account, tag }, today), shell);
    })
    .command(
      'day',
      'run a day, or each day of a range, and wait for it',
      (options) =>
        options.options({
          ds: { type: 'string', requiresArg: true, describe: 'the day' },
          from: { type: 'string', requiresArg: true, describe: 'the first day' },
          to: { type: 'string', requiresArg: true, describe: 'the last day' },
          together: {
            type: 'number',
            requiresArg: true,
            describe: 'days that each task does, for one cluster',
          },
          wait: { type: 'string', requiresArg: true, describe: 'wait for the vendor, e.g. 30m' },
        }),
      async (given) => {
        const input = dayInput(given);
        const region = regionOf(values(given), shell.env);
        const [{ day }, { deployment }] = await Promise.all([
          import('./day.ts'),
          import('./stacks.ts'),
        ]);
        await day(input, await deployment(region), region, shell);
      },
    )
    .command(
      'logs',
      'what the jobs logged',
      (options) =>
        options.options({
          job: {
            type: 'string',
            choices: taskNames(true),
            describe: 'one job; those of the daily run, unless it is named',
          },
          hours: { type: 'number', default: 24, describe: 'how far to look back' },
        }),
      async ({ job, hours, ...given }) => {
        if (!(hours > 0)) throw new Failure('usage', '--hours must be a number above 0');
        const since = Date.now() - hours * 3_600_000;
        const names: readonly TaskName[] = job === undefined ? jobs : [job];
        const region = regionOf(values(given), shell.env);
        const { logs } = await import('./logs.ts');
        await logs({ jobs: names, since }, region, shell);
      },
    )
    .command(
      'cost',
      'what the project has cost, by service',
      (options) =>
        options.option('days', { type: 'number', default: 30, describe: 'how far to look back' }),
      async ({ days }) => {
        if (!Number.isInteger(days) || days < 1 || days > 365) {
          throw new Failure('usage', '--days must be a whole number from 1 to 365');
        }
        const { cost } = await import('./cost.ts');
        await cost(days, shell);
      },
    )
    .command('doctor', 'run the checks of the jobs in the account', {}, async (given) => {
      const region = regionOf(values(given), shell.env);
      const { doctor } = await import('./doctor.ts');
      await doctor(region, shell);
    })
    .command(
      'down',
      'remove the pipeline with its data',
      (options) => options.options(yesOption),
      async (given) => {
        const context = values(given);
        const { down } = await import('./down.ts');
        await down(context, { yes: given.yes, tellCost: true }, shell);
      },
    );
}

/** @throws a usage failure unless it names a day or a range */
export function dayInput({ ds, from, to, together = 1, wait }: DayInput): DayInput {
  if (!Number.isInteger(together) || together < 1 || together > 366) {
    throw new Failure('usage', '--together must be a whole number from 1 to 366');
  }
  const waiting = wait === undefined ? {} : { wait };
  if (ds !== undefined && from === undefined && to === undefined) {
    if (together !== 1) throw new Failure('usage', '--together needs --from and --to');
    return { ds: parseDs(ds), ...waiting };
  }
  if (ds !== undefined || from === undefined || to === undefined) {
    throw new Failure('usage', 'expected --ds=2010-12-01, or --from=2010-12-01 --to=2010-12-31');
  }
  const first: Ds = parseDs(from, '--from');
  const last: Ds = parseDs(to, '--to');
  const days = dsRange(first, last, { from: '--from', through: '--to' }).length;
  if (Math.ceil(days / together) > mostParts) {
    throw new Failure(
      'usage',
      `--from=${from} to --to=${to} has ${String(days)} days; expected at most ${String(mostParts * together)}`,
      { action: 'name fewer days, or give more days to each task with --together' },
    );
  }
  return { from: first, to: last, together, ...waiting };
}
