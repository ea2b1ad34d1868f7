/** The entry point of `seed`: the only file here that touches the process. */
import { fileURLToPath } from 'node:url';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import { parseCommandLine } from './command-line.ts';
import { seed } from './load/seed.ts';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    const message = `stopped by ${signal}; the purchases are unchanged`;
    stop.abort(new Failure('interrupted', message, { action: 'seed again' }));
    // A statement that waits for a lock does not notice; the server rolls back when the client has gone.
    setTimeout(() => process.exit(143), 3_000).unref();
  });
}

async function main(): Promise<void> {
  const cwd = process.env['INIT_CWD'] ?? process.cwd();
  const options = await parseCommandLine(process.argv.slice(2), { workspace, cwd });
  if ('print' in options) {
    process.stdout.write(`${options.print}\n`);
    return;
  }
  const databaseUrl = process.env['SOURCE_DATABASE_URL'] ?? '';
  if (databaseUrl === '') {
    throw new Failure('configuration', 'SOURCE_DATABASE_URL is missing', {
      action: 'start the local cloud (make up); it writes the address to .env.local',
    });
  }
  await seed({
    ...options,
    databaseUrl,
    ddl: fileURLToPath(new URL('../../../sql/source', import.meta.url)),
    signal: stop.signal,
    print: (line) => process.stdout.write(`${line}\n`),
  });
}

try {
  await main();
} catch (error) {
  const failure = asFailure(error);
  process.stderr.write(`seed: ${failure.message}\n${failure.action}\n`);
  process.exitCode = failure.exit;
}
