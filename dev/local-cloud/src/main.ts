/**
 * The command line of the local cloud. Exit codes: 0 success, 1 not up, 64 wrong command line, 74 done, but
 * what it said is lost, 78 not installed.
 */
import { join, resolve } from 'node:path';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { down } from './commands/down.ts';
import { defaultCacheDir, NotInstalled, workspaceRoot } from './installation.ts';
import { serve } from './commands/serve.ts';
import { reset } from './commands/reset.ts';
import { report } from './commands/status.ts';
import { up } from './commands/up.ts';
import { UsageError } from './commands/usage-error.ts';

// A full disk or a closed pipe must not stop a start half way.
let isHeard = true;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {
    isHeard = false;
  });
}
process.on('exit', () => {
  if (!isHeard && (process.exitCode ?? 0) === 0) process.exitCode = 74;
});

function say(line: string): void {
  process.stderr.write(`local cloud: ${line}\n`);
}

async function run(): Promise<number> {
  const {
    _: commands,
    state,
    cache,
    writeEnv,
  } = await yargs(hideBin(process.argv))
    .scriptName('local-cloud')
    .command('up', 'start it in the background and wait until all services answer')
    .command('down', 'stop it and keep the data')
    .command('reset', 'stop it and remove its data; asks first, unless YES=1')
    .command('status', 'show the services; exit code 1 if not all are up')
    .command('serve', 'run it in the foreground until a signal arrives')
    .option('state', {
      type: 'string',
      describe: 'folder for data and logs',
      default: join(workspaceRoot, '.local/cloud'),
      requiresArg: true,
    })
    .option('cache', {
      type: 'string',
      describe: 'writable folder for what several clouds share',
      default: defaultCacheDir,
      requiresArg: true,
    })
    .option('write-env', {
      type: 'string',
      describe: 'file to write the environment variables to',
      default: join(workspaceRoot, '.env.local'),
      requiresArg: true,
    })
    .demandCommand(1, 1, 'expected one of up, down, reset, status and serve')
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error: unknown) => {
      if (error instanceof Error) throw error;
      throw new UsageError(message);
    })
    .parseAsync();
  const place = {
    stateDir: resolve(state),
    cacheDir: resolve(cache),
    envFile: resolve(writeEnv),
  };
  switch (String(commands[0])) {
    case 'up':
      await up(place, say);
      return 0;
    case 'down':
      await down(place.stateDir, say);
      return 0;
    case 'reset':
      await reset(place, say, {
        isAgreed: process.env['YES'] === '1',
        isDry: (process.env['DRY_RUN'] ?? '') !== '',
      });
      return 0;
    case 'status': {
      const { isUp, text } = report(place.stateDir);
      process.stdout.write(text);
      return isUp ? 0 : 1;
    }
    case 'serve':
      await serve(place);
      return 0;
    default:
      // Only --help gets here.
      return 0;
  }
}

try {
  process.exitCode = await run();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 64 : error instanceof NotInstalled ? 78 : 1;
}
