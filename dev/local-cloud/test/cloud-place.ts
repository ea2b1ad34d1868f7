/** A local cloud in a separate folder, started by its command line. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type CloudStatus, readStatus } from '../src/supervisor/status-file.ts';
import { scratchFolder } from './scratch.ts';

const main = resolve(import.meta.dirname, '../src/main.ts');
const run = promisify(execFile);

export interface Cloud extends AsyncDisposable {
  readonly stateDir: string;
  readonly envFile: string;
  /** Runs the command line and returns both of its output streams. */
  readonly command: (name: string, variables?: NodeJS.ProcessEnv) => Promise<string>;
  readonly env: () => Record<string, string>;
  readonly status: () => CloudStatus;
}

/** Disposal stops the cloud and removes the folder. */
export async function cloudPlace(): Promise<Cloud> {
  const folder = await scratchFolder();
  const stateDir = join(folder.path, 'state');
  const envFile = join(folder.path, 'env');
  const command = async (name: string, variables: NodeJS.ProcessEnv = {}) => {
    const args = [main, name, '--state', stateDir, '--write-env', envFile];
    const env = { ...process.env, ...variables };
    const { stdout, stderr } = await run(process.execPath, args, { env });
    return stdout + stderr;
  };
  return {
    stateDir,
    envFile,
    command,
    env: () => {
      const lines = readFileSync(envFile, 'utf8').trim().split('\n');
      return Object.fromEntries(
        lines.map((line): [string, string] => {
          const at = line.indexOf('=');
          return [line.slice(0, at), line.slice(at + 1)];
        }),
      );
    },
    status: () => {
      const status = readStatus(stateDir);
      if (status === undefined) throw new Error('there is no status file');
      return status;
    },
    [Symbol.asyncDispose]: async () => {
      await command('down');
      await folder[Symbol.asyncDispose]();
    },
  };
}
