/** A day becomes ready for the cluster: its reviews are staged, it is not done yet, and its lease is ours. */
import type { Day, Outcome, Session, Settle } from '@user-behaviour/shared/runner/job';
import { Failure } from '@user-behaviour/shared/failure';
import type { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { logOutcome } from '@user-behaviour/shared/produce-day';
import { waitFor } from '@user-behaviour/shared/waiting';
import { dataset, type DayInput, dayInput, isCurrent, refuseUsedRun, source } from './day-input.ts';
import { Lease, type LeaseSettings } from './lease.ts';

export interface ReadyDay {
  readonly input: DayInput;
  readonly lease: Lease;
  readonly startedAt: Date;
}

export interface ArrivalContext {
  readonly store: ManifestStore;
  readonly session: Session;
  readonly leases: Omit<LeaseSettings, 'run'>;
  readonly maxRejected: number;
  /** Milliseconds that another run may keep the day. */
  readonly patience: number;
  readonly settle: Settle;
}

/** Undefined for a day that was settled, as done, by another run or by a failure; never rejects. */
export async function arrival(day: Day, context: ArrivalContext): Promise<ReadyDay | undefined> {
  const { ds } = day;
  try {
    const ready = await wait(day, context);
    if (!('status' in ready)) return ready;
    context.settle(ds, ready);
  } catch (error) {
    context.settle(ds, { error });
  }
  return undefined;
}

/** A day that another run holds is waited for: until that run's result is there, or its lease is free. */
async function wait(day: Day, context: ArrivalContext): Promise<ReadyDay | Outcome> {
  const { session, patience, leases } = context;
  let holder: string | undefined;
  const look = async () => {
    const input = await read(day, context);
    const standing = await standingResult(input, context);
    if (standing !== undefined) {
      return done(holder === undefined ? 'unchanged' : 'superseded', standing);
    }
    refuseUsedRun(input);
    const lease = await Lease.take(day.ds, { ...leases, run: day.run, log: day.log });
    if (lease instanceof Lease) return confirmed(day, lease, context);
    if (holder === undefined) {
      const { run, host, expiresAt } = lease;
      day.log.info({ holder: run, host, expiresAt }, 'another run works on this day; waiting');
    }
    holder = lease.run;
    return undefined;
  };
  const ready = await waitFor(look, {
    signal: session.signal,
    limit: patience,
    least: 500,
    most: 5_000,
  });
  if (ready !== undefined) return ready;
  throw new Failure('transient', `run ${String(holder)} still works on ${day.ds}`, {
    action: 'look at that run; when it has ended, run the day again',
  });
}

/** The day is read again under the lease: another run may have published just before it let go. */
async function confirmed(
  day: Day,
  lease: Lease,
  context: ArrivalContext,
): Promise<ReadyDay | Outcome> {
  try {
    const input = await read(day, context);
    const standing = await standingResult(input, context);
    if (standing !== undefined) {
      await lease.release();
      return done('superseded', standing);
    }
    refuseUsedRun(input);
    return { input, lease, startedAt: context.session.now() };
  } catch (error) {
    await lease.release();
    throw error;
  }
}

async function read(day: Day, { store, session, maxRejected }: ArrivalContext): Promise<DayInput> {
  const [upstream, seen] = await Promise.all([
    store.require(source, day.ds, session),
    store.read(dataset, day.ds),
  ]);
  return dayInput(day, upstream, seen, maxRejected);
}

/** What is published of just this input, with all its files. */
async function standingResult(input: DayInput, { store }: ArrivalContext) {
  return isCurrent(input) && (await store.filesStand(input.seen.manifest)) ? input : undefined;
}

const done = (
  status: 'unchanged' | 'superseded',
  { seen, day }: DayInput & { readonly seen: NonNullable<DayInput['seen']> },
): Outcome => logOutcome(day, { ...seen, status });
