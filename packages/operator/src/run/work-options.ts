/** How the jobs are to be run: the options of the commands that run jobs. */
import { Failure } from '@user-behaviour/shared/failure';
import { waitRange } from '@user-behaviour/shared/runner/command-line';
import { describeRange, durationWithin } from '@user-behaviour/shared/waiting';
import { wholeNumber } from '../command-line/whole-number.ts';
import { type Order, orders } from '../plan/day-ranges.ts';
import type { Shell } from '../shell.ts';
import { parseRunner, type Runner } from './job-command.ts';

/** What may be typed of every command that runs jobs. */
export const workOptions = {
  retries: { type: 'string', default: '2', describe: 'how often a job is tried again' },
  'retry-delay': { type: 'string', default: '5', describe: 'seconds before the first retry' },
  'dry-run': { type: 'boolean', default: false, describe: 'only show the plan' },
  verbose: { alias: 'v', type: 'boolean', default: false, describe: 'show the logs of the jobs' },
} as const;

export const pastOption = {
  'depends-on-past': {
    type: 'boolean',
    default: false,
    describe: 'load a day only when the day before has been loaded',
  },
} as const;

export const forceOption = {
  force: {
    type: 'boolean',
    default: false,
    describe: 'do days again even if nothing has changed',
  },
} as const;

export const lookOption = {
  look: {
    type: 'boolean',
    default: false,
    describe: 'also compare the source with what is published, in one scan',
  },
} as const;

export const manyDaysOptions = {
  ...workOptions,
  ...pastOption,
  jobs: { type: 'string', default: '4', describe: 'days at a time' },
  order: { choices: orders, default: orders[0], describe: 'which days go first' },
  yes: { type: 'boolean', default: false, describe: 'do more than 60 days without a question' },
} as const;

interface Typed {
  readonly retries: string;
  readonly retryDelay: string;
  readonly verbose: boolean;
  readonly jobs?: string;
  readonly order?: Order;
  readonly dependsOnPast?: boolean;
  readonly yes?: boolean;
  readonly wait?: string | undefined;
  readonly force?: boolean;
}

export interface Manner {
  readonly runner: Runner;
  readonly order: Order;
  readonly parallel: number;
  readonly retries: number;
  /** Milliseconds. */
  readonly retryDelay: number;
  readonly dependsOnPast: boolean;
  readonly wait: string | undefined;
  readonly force: boolean;
  readonly verbose: boolean;
  readonly yes: boolean;
}

/** Throws a usage failure for what makes no sense, before anything is read. */
export function mannerOf(typed: Typed, { env, optionName }: Shell): Manner {
  const { order = 'oldest-first', dependsOnPast = false, wait, verbose } = typed;
  const { yes = false, force = false } = typed;
  if (dependsOnPast && order === 'newest-first') {
    throw new Failure(
      'usage',
      `${optionName('order')}=newest-first and ${optionName('depends-on-past')} exclude each other`,
    );
  }
  if (wait !== undefined && durationWithin(wait, waitRange) === undefined) {
    const expected = `${optionName('wait')} must be ${describeRange(waitRange)}`;
    throw new Failure('usage', `${expected}, not ${JSON.stringify(wait)}`);
  }
  const number = (text: string, option: string, least: number, most: number) =>
    wholeNumber(text, optionName(option), { least, most });
  return {
    runner: parseRunner(env['RUNNER']),
    order,
    parallel: number(typed.jobs ?? '1', 'jobs', 1, 64),
    retries: number(typed.retries, 'retries', 0, 100),
    retryDelay: number(typed.retryDelay, 'retry-delay', 0, 3_600) * 1_000,
    dependsOnPast,
    wait,
    force,
    verbose,
    yes,
  };
}
