/**
 * The program of one endpoint in the foreground, as a container runs it. Exit codes: 0 ended by a
 * signal, 1 did not start, 64 wrong command line, 78 not installed.
 *
 *   node endpoint-process.ts emr --port 4567 --s3 http://localstack:4566 [--host 0.0.0.0] [--state DIR]
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endpointNames, startEndpoint, type EndpointName } from './endpoint.ts';
import { NotInstalled, workspaceRoot } from '../installation.ts';

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

class UsageError extends Error {}

async function run(): Promise<void> {
  const { name, ...place } = parse(process.argv.slice(2));
  const asked = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, asked.resolve);
  const endpoint = await startEndpoint(name, { ...place, log });
  log(`${name} listens on ${endpoint.url}`);
  log(`${await asked.promise}: ending`);
  await endpoint.close();
}

function parse(args: string[]) {
  const { values, positionals } = read(args);
  const name = endpointNames.find((known): known is EndpointName => known === positionals[0]);
  const port = Number(values.port);
  if (name === undefined || positionals.length !== 1) {
    throw new UsageError(`expected one of ${endpointNames.join(' and ')}`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UsageError('expected --port with a number from 1 to 65535');
  }
  if (values.s3 === undefined || !URL.canParse(values.s3)) {
    throw new UsageError('expected --s3 with the address of S3, e.g. http://localstack:4566');
  }
  return { name, port, host: values.host, s3: values.s3, stateDir: resolve(values.state) };
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '' },
        s3: { type: 'string' },
        state: { type: 'string', default: join(workspaceRoot, '.local/cloud') },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

try {
  await run();
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 64 : error instanceof NotInstalled ? 78 : 1;
}
