/** The command line that every job has. */
import yargs from 'yargs';
import {
  describeVariables,
  type Environment,
  scheduleVariables,
  type Variables,
} from './config.ts';
import { type Ds, dsRange, parseDs } from './ds.ts';
import { Failure } from './failure.ts';
import type { LogFormat } from './log.ts';
import { parseRunId } from './run-id.ts';
import { dsOfEnvironment } from './scheduled-day.ts';
import { parseDuration } from './waiting.ts';

export interface CommandLine {
  readonly days: readonly Ds[];
  readonly parallel: number;
  readonly runId: string | undefined;
  /** Milliseconds to wait for an upstream manifest. */
  readonly wait: number;
  readonly logFormat: LogFormat;
  readonly dryRun: boolean;
  /** Look at every dependency and permission instead of doing a day. */
  readonly check: boolean;
  /** The job's own flags that were given, e.g. `depends-on-past`. */
  readonly flags: ReadonlySet<string>;
}

export interface Program {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly variables: Variables;
  /** The job's own switches with their help. */
  readonly flags?: Readonly<Record<string, string>>;
}

const exitCodes = `Exit codes: 0 done or nothing to do; 64 wrong command line; 65 the data is wrong;
70 a bug; 75 not ready or transient, try again; 78 wrong configuration; 143 stopped by a signal.`;

function parser(program: Program, stderrIsTerminal: boolean) {
  const cli = yargs()
    .scriptName(program.name)
    .usage(`$0 --ds=2010-12-01 [options]\n\n${program.summary}`)
    .option('ds', { type: 'string', describe: 'the day, UTC', requiresArg: true })
    .option('through', {
      type: 'string',
      requiresArg: true,
      describe: 'do every day from --ds to this one',
    })
    .option('parallel', {
      type: 'number',
      default: 4,
      requiresArg: true,
      describe: 'how many days at a time',
    })
    .option('newest-first', {
      type: 'boolean',
      default: false,
      describe: 'do the days of a range from the last to the first',
    })
    .option('run-id', {
      type: 'string',
      requiresArg: true,
      describe: 'name of this attempt; a retry under the same name resumes it',
    })
    .option('wait', {
      type: 'string',
      requiresArg: true,
      describe: 'wait this long for the upstream, e.g. 30m [default: not at all]',
    })
    .option('log-format', {
      choices: ['pretty', 'json'] as const,
      default: stderrIsTerminal ? 'pretty' : 'json',
      defaultDescription: 'pretty on a terminal, else json',
      describe: 'how the log on stderr looks',
    })
    .option('dry-run', {
      type: 'boolean',
      default: false,
      describe: 'say what would be done, and touch nothing',
    })
    .option('check', {
      type: 'boolean',
      default: false,
      describe: 'look at every dependency and permission, and do no day',
    })
    .epilogue(
      `${describeVariables({ ...program.variables, ...scheduleVariables })}\n\n${exitCodes}`,
    )
    .version(program.version)
    // A terminal wraps by itself; yargs would cut the table of variables in the middle of words.
    .wrap(null)
    .locale('en')
    // Otherwise --no-run-id would set the run's name to false.
    .parserConfiguration({ 'boolean-negation': false })
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw new Failure('usage', message || error.message);
    });
  for (const [flag, describe] of Object.entries(program.flags ?? {})) {
    cli.option(flag, { type: 'boolean', default: false, describe });
  }
  return cli;
}

/**
 * Parses the arguments after the script's name. Help or the version come back as text to print.
 * Without --ds the environment may name the day.
 */
export async function parseCommandLine(
  program: Program,
  argv: readonly string[],
  stderrIsTerminal = false,
  environment: Environment = {},
): Promise<CommandLine | { readonly print: string }> {
  let print = '';
  const cli = parser(program, stderrIsTerminal);
  const given = await cli.parseAsync([...argv], {}, (_error, _arguments, output) => {
    print = output;
  });
  if (print !== '') return { print };
  for (const [option, value] of Object.entries(given)) {
    if (option !== '_' && Array.isArray(value))
      throw new Failure('usage', `--${option} was given twice`);
  }
  if (given._.length > 0)
    throw new Failure('usage', `unexpected argument ${JSON.stringify(given._[0])}`);
  const ds = dayOf(given.ds, given.check, environment);
  if (ds === undefined) {
    throw new Failure('usage', '--ds is missing; expected a day such as --ds=2010-12-01');
  }
  if (given.ds === undefined && given.through !== undefined) {
    throw new Failure('usage', '--through needs --ds: the environment names one day');
  }
  const through = given.through === undefined ? ds : parseDs(given.through, '--through');
  if (!Number.isInteger(given.parallel) || given.parallel < 1 || given.parallel > 64) {
    throw new Failure('usage', '--parallel must be a whole number from 1 to 64');
  }
  const wait = given.wait === undefined ? 0 : parseDuration(given.wait);
  if (wait === undefined) {
    throw new Failure(
      'usage',
      `--wait must be a time such as 90s, 30m or 2h, not ${JSON.stringify(given.wait)}`,
    );
  }
  const days = dsRange(ds, through);
  const values = given as Readonly<Record<string, unknown>>;
  return {
    days: given.check ? [] : given['newest-first'] ? days.reverse() : days,
    parallel: given.parallel,
    runId: given['run-id'] === undefined ? undefined : parseRunId(given['run-id']),
    wait,
    logFormat: given['log-format'] === 'pretty' ? 'pretty' : 'json',
    dryRun: given['dry-run'],
    check: given.check,
    flags: new Set(Object.keys(program.flags ?? {}).filter((flag) => values[flag] === true)),
  };
}

/** A check is of no day: any one will do. */
function dayOf(given: string | undefined, check: boolean, environment: Environment) {
  if (given !== undefined) return parseDs(given);
  return check ? parseDs('2010-12-01') : dsOfEnvironment(environment);
}
