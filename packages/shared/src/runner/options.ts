/** The options that every job has, as data: the parser and --help are made of them. */
import type { ParseArgsOptionDescriptor } from 'node:util';
import { canWait, type Stage } from '../pipeline.ts';
import { describeVariables, scheduleVariables, type Variables } from './config.ts';

export interface Option {
  readonly describe: string;
  /** How its value is called; an option without one is a switch. */
  readonly value?: string;
  /** What holds when it is not given, where that is worth a word. */
  readonly otherwise?: string;
}

export interface Program {
  readonly stage: Pick<Stage, 'name' | 'reads' | 'source'>;
  readonly version: string;
  readonly summary: string;
  readonly variables: Variables;
  /** The job's own switches with their help. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** The options of every job; `wait` only where what the stage reads may not be there yet. */
const shared = {
  ds: { value: 'DAY', describe: 'the day, UTC' },
  through: { value: 'DAY', describe: 'do every day from --ds to this one' },
  parallel: { value: 'NUMBER', describe: 'how many days at a time', otherwise: '4' },
  'newest-first': { describe: 'do the days of a range from the last to the first' },
  'run-id': {
    value: 'NAME',
    describe: 'name of this attempt; a retry under the same name resumes it',
  },
  wait: {
    value: 'TIME',
    describe: 'wait this long for the upstream, e.g. 30m',
    otherwise: 'not at all',
  },
  'log-format': {
    value: 'pretty|json',
    describe: 'how the log on stderr looks',
    otherwise: 'pretty on a terminal, else json',
  },
  'dry-run': { describe: 'say what would be done, and touch nothing' },
  check: { describe: 'look at every dependency and permission, and do no day' },
  help: { describe: 'show this help' },
  version: { describe: 'show the version' },
} satisfies Readonly<Record<string, Option>>;

/** All options of a program by name. */
export function optionsOf({
  stage,
  flags = {},
}: Pick<Program, 'stage' | 'flags'>): Readonly<Record<string, Option>> {
  const common = Object.entries(shared).filter(([name]) => name !== 'wait' || canWait(stage));
  const own = Object.entries(flags).map(([flag, describe]) => [flag, { describe }] as const);
  return Object.fromEntries([...common, ...own]);
}

/** The options as node:util's parseArgs takes them. */
export const descriptors = (
  options: Readonly<Record<string, Option>>,
): Record<string, ParseArgsOptionDescriptor> =>
  Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', multiple: true },
    ]),
  );

const exitCodes = `Exit codes: 0 done or nothing to do; 64 wrong command line; 65 the data is wrong;
70 a bug; 75 not ready or transient, try again; 78 wrong configuration; 143 stopped by a signal.`;

/** What --help prints. A terminal wraps by itself. */
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
    `${program.stage.name} --ds=2010-12-01 [options]`,
    program.summary,
    ['Options:', ...lines].join('\n'),
    describeVariables({ ...program.variables, ...scheduleVariables }),
    exitCodes,
  ].join('\n\n');
}
