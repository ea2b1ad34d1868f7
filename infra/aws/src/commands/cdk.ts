/** Runs the CDK CLI of the workspace. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Failure } from '@user-behaviour/shared/failure';
import type { Shell } from './shell.ts';

const program = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');

/** The CLI's words go to stderr as they are. @throws a failure if it does not end with 0 */
export async function cdk(args: readonly string[], cwd: string, shell: Shell): Promise<void> {
  await run(process.execPath, [program, ...args, '--no-notices'], {
    cwd,
    shell,
    env: { CDK_DISABLE_CLI_TELEMETRY: 'true' },
    name: `cdk ${args[0] ?? ''}`,
  });
}

export interface Program {
  readonly cwd: string;
  readonly shell: Shell;
  readonly env?: Readonly<Record<string, string>>;
  /** What it is called in a message. */
  readonly name: string;
  readonly input?: string;
}

/** Both outputs go to stderr. @throws a failure if the program is missing or does not end with 0 */
export async function run(
  file: string,
  args: readonly string[],
  { cwd, shell, env, name, input }: Program,
): Promise<void> {
  const child = spawn(file, args, {
    cwd,
    env: { ...shell.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: shell.signal,
  });
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      last = `${last}${text}`.slice(-4_000);
      for (const line of text.split('\n')) if (line.trim() !== '') shell.report(line);
    });
  }
  child.stdin.end(input ?? '');
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (code === 0) return;
    throw new Failure('configuration', `${name} ended with ${String(code ?? signal)}`, {
      action: 'see its words above, correct what they name, then run the command again',
      cause: last,
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Failure('configuration', `${file} is not installed`, {
        action: `install ${file}, which the command needs`,
      });
    }
    shell.signal.throwIfAborted();
    throw error;
  }
}
