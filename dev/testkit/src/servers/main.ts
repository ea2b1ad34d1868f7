/** Runs a command with containers that all its test suites share: `main.ts COMMAND [ARGUMENT…]`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { addressesVariable, startContainers } from './containers.ts';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  process.stderr.write('missing argument: the command to run\n');
  process.exit(64);
}
await using containers = await startContainers();
const { databaseUrl, awsEndpoint } = containers;
const child = spawn(command, args, {
  stdio: 'inherit',
  env: { ...process.env, [addressesVariable]: JSON.stringify({ databaseUrl, awsEndpoint }) },
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
const [code] = (await once(child, 'close')) as [number | null];
process.exitCode = code ?? 143;
