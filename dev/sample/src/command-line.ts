/** The command line of `seed`. */
import { join, resolve } from 'node:path';
import yargs from 'yargs';
import { Failure } from '@user-behaviour/shared/failure';
import type { SeedRequest } from './load/seed.ts';

export type SeedOptions = Omit<SeedRequest, 'ddl' | 'databaseUrl' | 'signal' | 'print'>;

/** The folders from which paths and defaults are resolved. */
export interface Directories {
  readonly workspace: string;
  /** The working directory. */
  readonly cwd: string;
}

/** Parses the arguments after the script's name. Help is returned as text to print. */
export async function parseCommandLine(
  argv: readonly string[],
  directories: Directories,
): Promise<SeedOptions | { readonly print: string }> {
  let print = '';
  const cli = yargs()
    .scriptName('seed')
    .usage(
      '$0 [options]\n\nLoads purchases into the source database and sets HISTORY_START, HISTORY_END and REVIEWS_SOURCE.',
    )
    .option('purchases', { type: 'string', describe: 'CSV file, plain or .gz [default: a sample]' })
    .option('reviews', {
      type: 'string',
      describe: 'CSV file, plain or .gz, or an s3:// address [default: a sample]',
    })
    .option('keep', {
      type: 'boolean',
      default: false,
      describe: 'keep existing purchases and reviews; fill in what is missing',
    })
    .option('dry-run', {
      type: 'boolean',
      default: false,
      describe: 'check the files and the connection and say what would change; change nothing',
    })
    .option('allow-remote', {
      type: 'boolean',
      default: false,
      describe: 'replace the purchases even on a server on another machine',
    })
    .option('cwd', { type: 'string', describe: 'folder that relative paths start at' })
    .option('state', {
      type: 'string',
      describe: 'folder for the sample and unpacked reviews [default: .local of the workspace]',
    })
    .option('settings', {
      type: 'string',
      describe: 'file of the settings [default: .env.local of the workspace]',
    })
    .epilogue(
      'Environment variables:\n  SOURCE_DATABASE_URL  postgresql:// address of the source database [required]\n\n' +
        'Exit codes: 0 done; 64 wrong command line; 65 wrong data; 70 bug; 74 done, but the report is\nlost; 75 transient, try again; 78 wrong configuration; 143 stopped by a signal.',
    )
    .wrap(100)
    .locale('en')
    .version(false)
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      throw new Failure('usage', message || error.message);
    });
  const given = await cli.parseAsync([...argv], {}, (_error, _arguments, output) => {
    print = output;
  });
  if (print !== '') return { print };
  for (const [option, value] of Object.entries(given)) {
    if (option !== '_' && Array.isArray(value))
      throw new Failure('usage', `--${option} was given twice`);
  }
  const cwd = resolve(directories.cwd, given.cwd ?? '.');
  const resolved = (path: string | undefined, name: string): string =>
    path === undefined || path === '' ? join(directories.workspace, name) : resolve(cwd, path);
  return {
    purchases: unlessEmpty(given.purchases),
    reviews: unlessEmpty(given.reviews),
    keep: given.keep,
    dryRun: given.dryRun,
    allowRemote: given.allowRemote,
    cwd,
    state: resolved(given.state, '.local'),
    settings: resolved(given.settings, '.env.local'),
  };
}

/** Make passes unset variables as empty values, e.g. `--purchases=`. */
function unlessEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
