/** Runs several processes, of one job or of several, concurrently, with their calls interleaved in an order that a seed decides. */
import type { BundledJob, Ended } from '@user-behaviour/testkit/bundled-job';
import { FaultSchedule } from './inject/fault-schedule.ts';
import { openFaultProxy, type Variables } from './inject/fault-proxy.ts';
import { Interleaver } from './inject/interleaver.ts';

export interface Process {
  /** Its --run-id. */
  readonly run: string;
  /** Undefined for a job of no day. */
  readonly ds?: string;
  /** Unless it is that of the others. */
  readonly job?: BundledJob;
  /** Variables that differ from those of the other processes. */
  readonly env?: Variables;
}

export interface ConcurrentRuns {
  readonly ends: readonly Ended[];
  /** The calls in the order in which they were made. */
  readonly order: readonly string[];
  /** The seed and the calls, for the message of a failed test. */
  readonly context: string;
}

/** `meanwhile` is interleaved with the calls as one more call. */
export async function runConcurrently(
  job: BundledJob,
  env: Variables,
  processes: readonly Process[],
  seed: number,
  meanwhile?: () => Promise<void>,
): Promise<ConcurrentRuns> {
  const other = 'meanwhile';
  const names = processes.map(({ run }) => run);
  const interleaver = new Interleaver(seed, meanwhile === undefined ? names : [...names, other]);
  const runMeanwhile = async () => {
    if (meanwhile === undefined) return;
    const done = await interleaver.gate(other)('all of it');
    await meanwhile();
    done();
    interleaver.ended(other);
  };
  const runProcess = async ({ run, ds, env: own, job: program = job }: Process) => {
    const gate = interleaver.gate(run);
    await using proxy = await openFaultProxy(
      { ...env, ...own },
      { schedule: new FaultSchedule(), gate },
    );
    const days = ds === undefined ? [] : [`--ds=${ds}`];
    const ended = await program.run(proxy.env, ...days, `--run-id=${run}`);
    interleaver.ended(run);
    return ended;
  };
  const [ends] = await Promise.all([Promise.all(processes.map(runProcess)), runMeanwhile()]);
  const { order } = interleaver;
  return { ends, order, context: [`SEED=${seed}`, ...order].join('\n') };
}
