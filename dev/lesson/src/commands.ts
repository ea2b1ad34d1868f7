/** Runs scripts that call make in the copy of a workshop, on the workshop's cloud. */
import { execFile, type ExecFileException } from 'node:child_process';
import { copyFile, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env as own } from 'node:process';
import { promisify } from 'node:util';
import type { JobOptions, Workshop } from './workshop.ts';

const root = join(import.meta.dirname, '../../..');

/** What infra/Makefile compares with the installed packages. */
const requirements = [
  'package-lock.json',
  'infra/install.sh',
  'infra/python/java.txt',
  'infra/python/node.txt',
  'spark/requirements.txt',
  'dev/local-cloud/requirements.txt',
];

/** Lets make find the installed packages, which are linked, and the workshop's cloud in .env.local. Safe to repeat. */
async function prepareMake({ folder, env }: Workshop): Promise<void> {
  for (const path of requirements) await utimes(join(folder, path), 0, 0);
  const installed = 'node_modules/.installed';
  await copyFile(join(root, installed), join(folder, installed));
  await mkdir(join(folder, '.local/tmp'), { recursive: true });
  const lines = Object.entries(env)
    .filter(([name]) => name !== 'PATH')
    .map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, '.env.local'), lines.join(''));
}

export interface ScriptEnd {
  readonly stdout: string;
  /** Why it failed, with its own last line; undefined if it did not. */
  readonly failure: string | undefined;
}

/** Runs a script in the root of the copy. */
export async function runScript(
  workshop: Workshop,
  script: string,
  { args = [], env: more = {} }: Partial<JobOptions> = {},
): Promise<ScriptEnd> {
  await prepareMake(workshop);
  const env = { PATH: own['PATH'] ?? '', HOME: workshop.scratch, ...more };
  const options = { cwd: workshop.folder, env };
  try {
    const { stdout } = await promisify(execFile)('bash', [script, ...args], options);
    return { stdout, failure: undefined };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as ExecFileException;
    const last = stderr.trim().split('\n').at(-1) ?? '';
    return { stdout, failure: `${script} ended with ${String(code)}: ${last}` };
  }
}
