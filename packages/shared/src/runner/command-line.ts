/** The command line that all jobs share. */
import { parseArgs } from 'node:util';
import type { Environment } from './config.ts';
import { type Ds, dsRange, parseDs } from '../ds.ts';
import { Failure } from '../failure.ts';
import type { LogFormat } from './log.ts';
import { descriptors, helpOf, optionsOf, type Program } from './options.ts';
import { parseRunId } from './run-id.ts';
import { dsOfEnvironment } from './scheduled-day.ts';
import { describeRange, durationWithin } from '../waiting.ts';

export interface CommandLine {
  readonly days: readonly Ds[];
  readonly parallel: number;
  /** How many days before the first one are compared, and processed if they differ. */
  readonly lookBack: number;
  readonly runId: string | undefined;
  /**
   * Milliseconds to wait for the input. Used by `ManifestStore.require` and, for the vendor's file, by
   * `delivered` in stage-reviews/src/source/delivery.ts.
   */
  readonly wait: number;
  readonly logFormat: LogFormat;
  readonly dryRun: boolean;
  /** Process days that are current, too. */
  readonly force: boolean;
  /** Check every dependency and permission instead of processing days. */
  readonly check: boolean;
  /** The job's own flags that were given, e.g. `depends-on-past`. */
  readonly flags: ReadonlySet<string>;
}

type Given = ReadonlyMap<string, string | true>;

/**
 * Parses the arguments after the script's name. For --help and --version it returns the text to print.
 * Without --ds, the environment may name the day.
 *
 * @throws Failure of kind usage.
 */
export function parseCommandLine(
  program: Program,
  argv: readonly string[],
  stderrIsTerminal = false,
  environment: Environment = {},
): CommandLine | { readonly print: string } {
  // --help works even if other arguments are wrong.
  if (argv.includes('--help')) return { print: helpOf(program) };
  if (argv.includes('--version')) return { print: program.version };
  const given = readOptions(program, argv);
  const text = (name: string) => given.get(name) as string | undefined;
  const check = given.has('check');
  const ds =
    program.isWithoutDays === true
      ? parseDs(new Date().toISOString().slice(0, 10))
      : dayOf(text('ds'), check, environment);
  if (ds === undefined) {
    throw new Failure('usage', '--ds is missing; expected a day such as --ds=2010-12-01');
  }
  const last = text('through');
  if (!given.has('ds') && last !== undefined) {
    throw new Failure('usage', '--through needs --ds: the environment names only one day');
  }
  const days = dsRange(ds, last === undefined ? ds : parseDs(last, '--through'));
  const runId = text('run-id');
  return {
    days: check ? [] : given.has('newest-first') ? days.reverse() : days,
    parallel: parseParallel(text('parallel') ?? '4'),
    lookBack: parseLookBack(text('look-back') ?? '0'),
    runId: runId === undefined ? undefined : parseRunId(runId),
    wait: parseWait(text('wait')),
    logFormat: parseLogFormat(text('log-format'), stderrIsTerminal),
    dryRun: given.has('dry-run'),
    force: given.has('force'),
    check,
    flags: new Set(Object.keys(program.flags ?? {}).filter((flag) => given.has(flag))),
  };
}

function readOptions(program: Program, argv: readonly string[]): Given {
  const given = new Map<string, string | true>();
  for (const [name, values = []] of Object.entries(parseStrictly(program, argv))) {
    if (values.length > 1) throw new Failure('usage', `--${name} was given twice`);
    const [value] = values;
    if (value !== undefined) given.set(name, value);
  }
  return given;
}

function parseStrictly(
  program: Program,
  argv: readonly string[],
): Readonly<Record<string, (string | true)[] | undefined>> {
  try {
    const options = descriptors(optionsOf(program));
    return parseArgs({ args: [...argv], options, strict: true }).values as Readonly<
      Record<string, (string | true)[] | undefined>
    >;
  } catch (error) {
    // The first sentence names the argument and what was expected.
    const [message = ''] = error instanceof Error ? error.message.split('. To specify') : [];
    throw new Failure('usage', message, { cause: error });
  }
}

/** --check does not use the day, so any day will do. */
function dayOf(given: string | undefined, check: boolean, environment: Environment) {
  if (given !== undefined) return parseDs(given);
  return check ? parseDs('2010-12-01') : dsOfEnvironment(environment);
}

function parseParallel(text: string): number {
  const number = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 64) return number;
  throw new Failure('usage', '--parallel must be a whole number from 1 to 64');
}

function parseLookBack(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : Infinity;
  if (number <= 366) return number;
  throw new Failure('usage', '--look-back must be a whole number of days from 0 to 366');
}

/** A scheduler kills a task that waits longer. */
export const waitRange = { least: '0s', most: '7d' };

function parseWait(text: string | undefined): number {
  const wait = text === undefined ? 0 : durationWithin(text, waitRange);
  if (wait !== undefined) return wait;
  throw new Failure(
    'usage',
    `--wait must be ${describeRange(waitRange)}, not ${JSON.stringify(text)}`,
  );
}

function parseLogFormat(text: string | undefined, stderrIsTerminal: boolean): LogFormat {
  if (text === undefined) return stderrIsTerminal ? 'pretty' : 'json';
  if (text === 'pretty' || text === 'json') return text;
  throw new Failure('usage', `--log-format must be pretty or json, not ${JSON.stringify(text)}`);
}
