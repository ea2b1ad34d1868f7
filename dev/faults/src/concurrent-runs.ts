/** Several processes of one job at once, their calls interleaved by a seed; and what others do meanwhile. */
import type { BundledJob, Ended } from '@user-behaviour/testkit/bundled-job';
import { FaultSchedule } from './inject/fault-schedule.ts';
import { openFaultProxy, type Variables } from './inject/fault-proxy.ts';
import { Interleaver } from './inject/interleaver.ts';

export interface Process {
  /** Its --run-id. */
  readonly run: string;
  readonly ds: string;
  /** What differs from the other processes. */
  readonly env?: Variables;
}

export interface ConcurrentRuns {
  readonly ends: readonly Ended[];
  /** Which call went when. */
  readonly order: readonly string[];
}

export async function runConcurrently(
  job: BundledJob,
  env: Variables,
  processes: readonly Process[],
  seed: number,
  meanwhile?: () => Promise<void>,
): Promise<ConcurrentRuns> {
  const other = 'another';
  const names = processes.map(({ run }) => run);
  const interleaver = new Interleaver(seed, meanwhile === undefined ? names : [...names, other]);
  const theirs = async () => {
    if (meanwhile === undefined) return;
    const over = await interleaver.gate(other)('what others do');
    await meanwhile();
    over();
    interleaver.ended(other);
  };
  const one = async ({ run, ds, env: own }: Process) => {
    const gate = interleaver.gate(run);
    await using proxy = await openFaultProxy(
      { ...env, ...own },
      { schedule: new FaultSchedule(), gate },
    );
    const ended = await job.run(proxy.env, `--ds=${ds}`, `--run-id=${run}`);
    interleaver.ended(run);
    return ended;
  };
  const [ends] = await Promise.all([Promise.all(processes.map(one)), theirs()]);
  return { ends, order: interleaver.order };
}
