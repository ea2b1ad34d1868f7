/**
 * Injects several faults into one day or range of days, one after another, and starts the job again until it
 * succeeds. That way the expensive Spark application runs once, not once per fault.
 */
import type { Ds } from '@user-behaviour/shared/ds';
import type { BundledJob } from '@user-behaviour/testkit/bundled-job';
import { dayArguments } from './day-arguments.ts';
import { FaultSchedule } from './inject/fault-schedule.ts';
import type { Injection } from './inject/fault.ts';
import { openFaultProxy, type Variables } from './inject/fault-proxy.ts';

export interface FaultSequence {
  readonly job: BundledJob;
  readonly env: Variables;
  /** The days that each process does. */
  readonly days: readonly Ds[];
  /** The run id of every start. Without it, each start is a new run. */
  readonly run?: string;
  readonly injections: readonly Injection[];
}

export interface SequenceEnd {
  readonly starts: number;
  readonly effects: readonly string[];
  readonly unmet: readonly Injection[];
  /** Starts that ended neither with 0 or 75 nor by an injected kill. */
  readonly wrong: readonly string[];
}

export async function runFaultSequence({
  job,
  env,
  days,
  run,
  injections,
}: FaultSequence): Promise<SequenceEnd> {
  const schedule = new FaultSchedule(injections);
  const wrong: string[] = [];
  const first = days[0] ?? 'no day';
  const limit = injections.length + 3;
  for (let starts = 1; ; starts += 1) {
    schedule.restart();
    await using proxy = await openFaultProxy(env, { schedule });
    const named = run === undefined ? [] : [`--run-id=${run}`];
    const running = job.start(proxy.env, ...dayArguments(days), ...named);
    proxy.killTarget(running.child);
    const { code, summaries, log } = await running.ended;
    if (code !== null && code !== 0 && code !== 75) {
      const output = [...summaries, ...log.slice(-4)].map((line) => JSON.stringify(line));
      wrong.push(`${first}, start ${starts}, ended with ${code}: ${output.join('\n  ')}`);
    }
    if (code === 0) return { starts, effects: schedule.names, unmet: schedule.unmet, wrong };
    if (starts === limit) {
      wrong.push(`${first}: no success after ${starts} starts`);
      return { starts, effects: schedule.names, unmet: schedule.unmet, wrong };
    }
  }
}
