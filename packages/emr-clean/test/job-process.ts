/** Starts the job's bundle as a separate process, as a scheduler does. */
import type { ChildProcess } from 'node:child_process';
import { bundleJob } from '@user-behaviour/testkit/bundled-job';

/** One line of the job's stdout. */
export interface Summary {
  readonly ds: string;
  readonly status: string;
  readonly kind?: string;
  readonly message?: string;
  readonly action?: string;
  readonly publishedRun?: string;
  readonly steps?: readonly unknown[];
}

export interface Finished {
  readonly exit: number | null;
  readonly summaries: readonly Summary[];
  readonly log: string;
}

export interface JobProcess {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

const job = await bundleJob('emr-clean');

export function startJob(env: Readonly<Record<string, string>>, ...argv: string[]): JobProcess {
  const { child, stderrText, ended } = job.start(env, ...argv);
  const finish = async (): Promise<Finished> => {
    const { code, summaries } = await ended;
    return {
      exit: code,
      summaries: summaries as readonly object[] as readonly Summary[],
      log: stderrText(),
    };
  };
  return { child, finished: finish() };
}

export const runToEnd = (env: Readonly<Record<string, string>>, ...argv: string[]) =>
  startJob(env, ...argv).finished;
