/** Starts a job again after a failure that may pass, only for the days that need it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { daysFrom, type Ds } from '@user-behaviour/shared/ds';
import {
  isFailureKind,
  kindOfExit,
  mostSevereExit,
  retriedExits,
  retriesSoon,
} from '@user-behaviour/shared/failure';
import { consecutiveRanges, type Order, tellDays } from '../plan/day-ranges.ts';
import type { JobResult, Summary } from './job-process.ts';

export interface RetryPolicy {
  readonly retries: number;
  /** Milliseconds before the first retry; doubles with each. */
  readonly delay: number;
  /** Whether the job does days that are done once more: then it is started for none of these. */
  readonly force?: boolean | undefined;
  readonly order: Order;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
  /** Hears of each retry: the days, and the pause before it in milliseconds. */
  readonly onRetry?: ((days: readonly Ds[], delay: number) => void) | undefined;
}

/** A missing upstream does not appear by waiting here: the chain knows that its job failed. */
const mayPass = ({ kind, exit }: Summary): boolean =>
  retriesSoon(isFailureKind(kind) ? kind : kindOfExit(exit));

/** The days for which a retry may help: those whose failure may pass, and those that the process never reported. */
export function retryable(days: readonly Ds[], result: JobResult): Ds[] {
  if (result.exit === 0) return [];
  const reported = new Map(result.days.map((day) => [day.ds, day]));
  const died = retriedExits.includes(result.exit);
  return days.filter((ds) => {
    const day = reported.get(ds);
    return day === undefined ? died : mayPass(day);
  });
}

/** The last word on each day; `exit` is that of the last attempt that still had something to do. */
export async function withRetries(
  job: string,
  days: readonly Ds[],
  start: (days: readonly Ds[]) => Promise<JobResult>,
  policy: RetryPolicy,
): Promise<JobResult> {
  const latest = new Map<string, Summary>();
  let pending = [...days];
  let ranges = [pending];
  for (let attempt = 0; ; attempt += 1) {
    const result = await startEach(ranges, start, policy);
    for (const day of result.days) latest.set(day.ds, day);
    const again = policy.signal.aborted ? [] : retryable(pending, result);
    if (again.length === 0 || attempt >= policy.retries) {
      const exits = [...latest.values()].map(({ exit }) => exit).filter((exit) => exit !== 0);
      const isUnreported = result.exit !== 0 && result.days.length === 0;
      return {
        exit: isUnreported ? result.exit : (exits[0] ?? result.exit),
        days: [...latest.values()],
      };
    }
    const delay = policy.delay * 2 ** attempt;
    policy.report(
      `${job} ended with exit ${String(result.exit)} for ${tellDays(again)}; trying again in ${String(delay / 1_000)} s`,
    );
    policy.onRetry?.(again, delay);
    await sleep(delay, undefined, { signal: policy.signal }).catch(() => undefined);
    // A job takes a range: what lies between two retried days is found unchanged, unless it is forced.
    ranges = policy.force === true ? consecutiveRanges(again, policy.order) : [daysBetween(again)];
    pending = ranges.flat();
  }
}

/** One range after the other. */
async function startEach(
  ranges: readonly (readonly Ds[])[],
  start: (days: readonly Ds[]) => Promise<JobResult>,
  { signal }: Pick<RetryPolicy, 'signal'>,
): Promise<JobResult> {
  const results: JobResult[] = [];
  for (const days of ranges) {
    if (results.length > 0 && signal.aborted) break;
    results.push(await start(days));
  }
  const [only, ...others] = results;
  if (only !== undefined && others.length === 0) return only;
  return {
    exit: mostSevereExit(results.map(({ exit }) => exit)),
    days: results.flatMap((result) => result.days),
  };
}

function daysBetween(days: readonly Ds[]): Ds[] {
  const [first, last] = [days[0], days.at(-1)];
  return first === undefined || last === undefined ? [] : daysFrom(first, last);
}
