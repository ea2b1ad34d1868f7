/** The options of all jobs, as data for the parser and for --help. */
import type { ParseArgsOptionDescriptor } from 'node:util';
import { lineageVariables } from '../lineage/config.ts';
import { canWait, type Stage } from '../pipeline.ts';
import { describeVariables, scheduleVariables, type Variables } from './config.ts';
import { telemetryVariables } from './telemetry/config.ts';

export interface Option {
  readonly describe: string;
  /** Placeholder for the value in --help; an option without one is a switch. */
  readonly value?: string;
  /** The default to show in --help, if it is worth mentioning. */
  readonly otherwise?: string;
}

export interface Program {
  readonly stage: Pick<Stage, 'name' | 'reads' | 'source'>;
  readonly version: string;
  readonly summary: string;
  readonly variables: Variables;
  /** Its work is not that of a day: it takes no --ds, and its summary names the day on which it runs. */
  readonly isWithoutDays?: true;
  /** Switches that only this job has, with their help texts. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Whether it takes --look-back, and opens with `behind`. */
  readonly looksBack?: boolean;
}

/**
 * Variables of every job that are not part of its configuration: the runner reads them where it needs them.
 * @public tools/image.mjs makes a label of them
 */
export const runnerVariables = {
  ...scheduleVariables,
  ...telemetryVariables,
  ...lineageVariables,
} as const;

/** `wait` applies only to stages whose input may not exist yet, `look-back` to those that can compare. */
const shared = {
  ds: { value: 'DAY', describe: 'day to process (UTC)' },
  through: { value: 'DAY', describe: 'last day of the range that starts at --ds' },
  parallel: { value: 'NUMBER', describe: 'number of days to process in parallel', otherwise: '4' },
  'newest-first': { describe: 'process the days of a range in reverse order' },
  'run-id': {
    value: 'NAME',
    describe: 'name of this run; a retry with the same name resumes it',
  },
  wait: {
    value: 'TIME',
    describe: 'time to wait for the input, e.g. 30m',
    otherwise: 'no wait',
  },
  'look-back': {
    value: 'NUMBER',
    describe:
      'then also process those of so many earlier days, and of the captured ones before, that differ from what was made of them',
    otherwise: '0',
  },
  'log-format': {
    value: 'pretty|json',
    describe: 'format of the log on stderr',
    otherwise: 'pretty on a terminal, otherwise json',
  },
  force: { describe: 'process the day again even if nothing has changed' },
  'dry-run': { describe: 'print the plan without changing anything' },
  check: { describe: 'check dependencies and permissions, then exit' },
  help: { describe: 'show this help' },
  version: { describe: 'show the version' },
} satisfies Readonly<Record<string, Option>>;

const ofDays = ['ds', 'through', 'parallel', 'newest-first', 'wait', 'force'];

/** All options of a program by name. */
export function optionsOf({
  stage,
  isWithoutDays,
  flags = {},
  looksBack = false,
}: Pick<Program, 'stage' | 'isWithoutDays' | 'flags' | 'looksBack'>): Readonly<
  Record<string, Option>
> {
  const taken: Readonly<Record<string, boolean>> = {
    ...(isWithoutDays === true && Object.fromEntries(ofDays.map((name) => [name, false]))),
    ...(isWithoutDays !== true && { wait: canWait(stage) }),
    'look-back': looksBack,
  };
  const common = Object.entries(shared).filter(([name]) => taken[name] ?? true);
  const own = Object.entries(flags).map(([flag, describe]) => [flag, { describe }] as const);
  return Object.fromEntries([...common, ...own]);
}

/** The options in the format of parseArgs from node:util. */
export const descriptors = (
  options: Readonly<Record<string, Option>>,
): Record<string, ParseArgsOptionDescriptor> =>
  Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', multiple: true },
    ]),
  );

const exitCodes = `Exit codes: 0 done or nothing to do; 64 wrong command line; 65 wrong data; 70 bug;
74 done, but the report is lost; 75 not ready or transient, try again; 78 wrong configuration;
143 stopped by a signal.`;

/** The text for --help. It leaves wrapping to the terminal. */
export function helpOf(program: Program): string {
  const rows = Object.entries(optionsOf(program)).map(
    ([name, { value, describe, otherwise }]) =>
      [
        `--${name}${value === undefined ? '' : `=${value}`}`,
        otherwise === undefined ? describe : `${describe} [default: ${otherwise}]`,
      ] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  return [
    `${program.stage.name} ${program.isWithoutDays === true ? '' : '--ds=2010-12-01 '}[options]`,
    program.summary,
    ['Options:', ...lines].join('\n'),
    describeVariables({ ...program.variables, ...runnerVariables }),
    exitCodes,
  ].join('\n\n');
}
