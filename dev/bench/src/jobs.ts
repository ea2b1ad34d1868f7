/** Our jobs, started as they are deployed: the bundle, with the flags of Nx's `run` target. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import type { JobName } from '@user-behaviour/shared/pipeline';
import * as z from 'zod';
import type { Command } from './measure/measurement.ts';
import { workspace } from './paths.ts';

/** As Nx's `run` target has them: mebibytes of V8's young generation. */
const nodeOptions = ['--max-semi-space-size=8'];

/** `env` is the whole environment of the job. */
export function jobCommand(
  job: JobName | 'capture-purchases',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Command {
  const main = join(workspace, 'packages', job, 'dist/main.mjs');
  return { file: execPath, args: [...nodeOptions, main, ...args], env };
}

/**
 * The variable that sets how many source connections one day may use, if the job has one. Read from its
 * help text.
 */
export async function connectionsVariable(
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { file, args } = jobCommand('extract-purchases', ['--help'], env);
  const { stdout } = await promisify(execFile)(file, [...args], { env: { ...env } });
  return /\bSOURCE_[A-Z_]*(?:CONNECTIONS|RANGES)\b/.exec(stdout)?.[0];
}

const summary = z.looseObject({ ds: z.string(), status: z.string(), rows: z.number().optional() });

/** The summaries that the job prints to stdout. */
export function summaries(stdout: string): readonly z.infer<typeof summary>[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => summary.parse(JSON.parse(line)));
}
