/** Waits until the machine does little else, because other work changes times and ratios. */
import { type CpuInfo, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** The share of all processors that others may use on a quiet machine. */
export const quietShare = 0.1;

/** How long the processors are watched, in milliseconds. */
const watched = 500;
/** Between two looks at a busy machine, in milliseconds. */
const pause = 2_000;

/** As `os.cpus`. */
type Processors = () => readonly Pick<CpuInfo, 'times'>[];

interface Ticks {
  readonly busy: number;
  readonly all: number;
}

function ticks(processors: Processors): Ticks {
  let [busy, all] = [0, 0];
  for (const { times } of processors()) {
    const sum = Object.values(times).reduce((total, value) => total + value, 0);
    all += sum;
    busy += sum - times.idle;
  }
  return { busy, all };
}

/** The share of all processors that is in use while the benchmark itself does nothing: 0 to 1. */
export async function otherWork(
  signal: AbortSignal,
  processors: Processors = cpus,
): Promise<number> {
  const before = ticks(processors);
  await delay(watched, undefined, { signal });
  const after = ticks(processors);
  return after.all === before.all ? 0 : (after.busy - before.busy) / (after.all - before.all);
}

export interface QuietMachineOptions {
  /** Seconds to wait at most, over all calls. */
  readonly patience: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly watch?: (signal: AbortSignal) => Promise<number>;
  /** Resolves after milliseconds. */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
}

/**
 * Returns a function that waits for a quiet machine, and resolves to the share of the processors that others
 * use: above `quietShare` if the patience has run out.
 */
export function quietMachine({
  patience,
  signal,
  log,
  watch = (until) => otherWork(until),
  sleep = (milliseconds) => delay(milliseconds, undefined, { signal }),
}: QuietMachineOptions): () => Promise<number> {
  let left = patience * 1_000;
  return async () => {
    let share = await watch(signal);
    if (share > quietShare && left > 0) {
      log(`waiting for a quiet machine: others use ${(share * 100).toFixed(0)} % of it`);
    }
    while (share > quietShare && left > 0) {
      await sleep(pause);
      share = await watch(signal);
      left -= pause + watched;
    }
    return share;
  };
}
