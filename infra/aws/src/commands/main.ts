/** The commands for the pipeline on AWS. Exit codes are those of the jobs: 64 usage, 78 configuration, 75 try again. */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import { rememberEnvironment } from '@user-behaviour/shared/s3/credential-source';
import { awsCommands } from './aws-commands.ts';
import type { Shell } from './shell.ts';

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stopping.abort(new Failure('interrupted', `stopped by ${signal}`));
  });
}

/** The end of the input is a no. */
async function ask(question: string): Promise<boolean> {
  using lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const ended = once(lines, 'close').then(() => '');
  const answer = await Promise.race([lines.question(question), ended]);
  return /^y(es)?$/i.test(answer.trim());
}

const shell: Shell = {
  env: process.env,
  report: (line) => void process.stderr.write(`${line}\n`),
  print: (line) => void process.stdout.write(`${line}\n`),
  signal: stopping.signal,
  ask: process.stdin.isTTY ? ask : undefined,
  pause: 5_000,
};

rememberEnvironment(process.env);
try {
  await awsCommands(process.argv.slice(2), shell);
} catch (error) {
  const { message, action, exit } = asFailure(stopping.signal.reason ?? error);
  shell.report(`aws: ${message}${action === '' ? '' : `\n${action}`}`);
  process.exitCode = exit;
}
