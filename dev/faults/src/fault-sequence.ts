/**
 * One day, or a few together, that meets many faults, one after another: the job is started again until it ends well.
 * What costs much, a Spark application, is so paid for once, not once for each fault.
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
  /** Each process does all of them. */
  readonly days: readonly Ds[];
  /** With one, every start is a retry of the same run; without, each is a run of its own. */
  readonly run?: string;
  readonly injections: readonly Injection[];
}

export interface SequenceEnd {
  readonly starts: number;
  readonly effects: readonly string[];
  readonly unmet: readonly Injection[];
  /** A start that ended neither well, nor by a kill of ours, nor asking for another try. */
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
    proxy.aim(running.child);
    const { code, summaries, log } = await running.ended;
    if (code !== null && code !== 0 && code !== 75) {
      const words = [...summaries, ...log.slice(-4)].map((line) => JSON.stringify(line));
      wrong.push(`${first}, start ${starts}, ended with ${code}: ${words.join('\n  ')}`);
    }
    if (code === 0) return { starts, effects: schedule.names, unmet: schedule.unmet, wrong };
    if (starts === limit) {
      wrong.push(`${first}: after ${starts} starts it has not ended well`);
      return { starts, effects: schedule.names, unmet: schedule.unmet, wrong };
    }
  }
}
