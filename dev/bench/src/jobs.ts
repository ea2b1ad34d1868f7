/** Our jobs, started as they are deployed: the bundle, with the flags of Nx's `run` target. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { Command } from './measure/measurement.ts';
import { workspace } from './paths.ts';

export type JobName = 'extract-purchases' | 'stage-reviews' | 'emr-clean' | 'redshift-load';

const nx = z.object({
  targetDefaults: z.object({ run: z.object({ options: z.object({ command: z.string() }) }) }),
});

/** `env` is the whole environment of the job. */
export async function jobCommand(
  job: JobName,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Command> {
  const text = await readFile(join(workspace, 'nx.json'), 'utf8');
  const { command } = nx.parse(JSON.parse(text)).targetDefaults.run.options;
  const [, ...deployed] = command.replaceAll('{projectRoot}', `packages/${job}`).split(' ');
  const own = deployed.map((word) => (word.startsWith('packages/') ? join(workspace, word) : word));
  return { file: execPath, args: [...own, ...args], env };
}

/**
 * The variable that sets how many source connections one day may use, if the job has one. Read from its
 * help text.
 */
export async function connectionsVariable(
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { file, args } = await jobCommand('extract-purchases', ['--help'], env);
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
