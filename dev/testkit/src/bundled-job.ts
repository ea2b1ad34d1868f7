/** Runs a job as it is deployed: its bundle, in a separate process, with only the given variables. */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { env as ownEnv, execPath } from 'node:process';
import { promisify } from 'node:util';
import { type Ended, type Running, running } from './running-job.ts';

export type { Ended, Entry, Running } from './running-job.ts';

const workspace = join(import.meta.dirname, '../../..');

export interface BundledJob {
  readonly start: (env: Readonly<Record<string, string>>, ...argv: string[]) => Running;
  readonly run: (env: Readonly<Record<string, string>>, ...argv: string[]) => Promise<Ended>;
}

/**
 * Builds the job's dist/main.mjs, unless BUNDLES_MADE says that all bundles are current:
 * tools/test-all.mjs builds them once. `name` is the job's project, e.g. `stage-reviews`.
 */
export async function bundleJob(name: string): Promise<BundledJob> {
  if (ownEnv['BUNDLES_MADE'] === undefined) {
    await promisify(execFile)(execPath, ['tools/bundle.mjs', name], { cwd: workspace });
  }
  const bundle = join(workspace, 'packages', name, 'dist/main.mjs');
  const start: BundledJob['start'] = (env, ...argv) =>
    running(
      spawn(execPath, [bundle, '--log-format=json', ...argv], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  return { start, run: (env, ...argv) => start(env, ...argv).ended };
}
