/** The command line of the local cloud. Exit codes: 0 done, 1 not up, 64 wrong command line, 78 not installed. */
import { join, resolve } from 'node:path';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { down } from './down.ts';
import { defaultCacheDir, NotInstalled, workspaceRoot } from './installation.ts';
import { serve } from './serve.ts';
import { report } from './status.ts';
import { up } from './up.ts';

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
    .command('up', 'start it in the background and wait until it answers')
    .command('down', 'stop it; the data stay')
    .command('status', 'tell what runs; exit code 1 when it is not up')
    .command('serve', 'run it in the foreground, until a signal')
    .option('state', {
      type: 'string',
      describe: 'folder of its data and logs',
      default: join(workspaceRoot, '.local/cloud'),
      requiresArg: true,
    })
    .option('cache', {
      type: 'string',
      describe: 'folder that clouds share; it must be writable',
      default: defaultCacheDir,
      requiresArg: true,
    })
    .option('write-env', {
      type: 'string',
      describe: 'file that gets the variables which lead to it',
      default: join(workspaceRoot, '.env.local'),
      requiresArg: true,
    })
    .demandCommand(1, 1, 'one of up, down, status and serve is needed')
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
    case 'status': {
      const { isUp, text } = report(place.stateDir);
      process.stdout.write(text);
      return isUp ? 0 : 1;
    }
    case 'serve':
      await serve(place);
      return 0;
    default:
      // Only --help comes here.
      return 0;
  }
}

class UsageError extends Error {}

try {
  process.exitCode = await run();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 64 : error instanceof NotInstalled ? 78 : 1;
}
