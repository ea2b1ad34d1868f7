/** The entry point of `seed`: the only file here that touches the process. */
import { fileURLToPath } from 'node:url';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import { exitOfReport, reportTo } from '@user-behaviour/shared/runner/report-writer';
import { parseCommandLine } from './command-line.ts';
import { seed } from './load/seed.ts';

const workspace = fileURLToPath(new URL('../../..', import.meta.url));
const output = reportTo(process);
const print = (line: string): void => {
  output.stdout.write(`${line}\n`);
};
const tell = ({ message, action }: Failure): void => {
  output.stderr.write(`seed: ${message}\n${action}\n`);
};
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
    print(options.print);
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
    print,
  });
}

let exit = 0;
try {
  await main();
} catch (error) {
  const failure = asFailure(error);
  tell(failure);
  exit = failure.exit;
}
process.exitCode = await exitOfReport(exit, output, tell);
