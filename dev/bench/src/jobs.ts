/** Our own jobs, started as they are deployed: the bundle, with the flags of Nx's `run` target. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import type { JobName } from '@user-behaviour/shared/pipeline';
import * as z from 'zod';
import type { Command } from './measure/measurement.ts';
import { workspace } from './places.ts';

export type { JobName };

/** As Nx's `run` target has them: mebibytes of V8's young generation. */
const nodeOptions = ['--max-semi-space-size=8'];

/** `env` is the whole environment of the job. */
export function jobCommand(
  job: JobName,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Command> {
  const main = join(workspace, 'packages', job, 'dist/main.mjs');
  return Promise.resolve({ file: execPath, args: [...nodeOptions, main, ...args], env });
}

/**
 * The variable that says how many connections one day may take at the source, where the job has one:
 * found in its help.
 */
export async function connectionsVariable(
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { file, args } = await jobCommand('extract-purchases', ['--help'], env);
  const { stdout } = await promisify(execFile)(file, [...args], { env: { ...env } });
  return /\bSOURCE_[A-Z_]*(?:CONNECTIONS|RANGES)\b/.exec(stdout)?.[0];
}

const summary = z.looseObject({ ds: z.string(), status: z.string(), rows: z.number().optional() });

/** The job's lines on stdout. */
export function summaries(stdout: string): readonly z.infer<typeof summary>[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => summary.parse(JSON.parse(line)));
}
