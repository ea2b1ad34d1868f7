/** Prepares a day for the cluster: waits for its reviews, skips it if it is done, takes its lease. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { Day, Outcome, ReportDay, Session } from '@user-behaviour/shared/runner/job';
import { Failure } from '@user-behaviour/shared/failure';
import { inputOf } from '@user-behaviour/shared/lineage/read-input';
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

export interface PrepareContext {
  readonly store: ManifestStore;
  readonly session: Session;
  readonly leases: Omit<LeaseSettings, 'run'>;
  /** The share of a day's reviews that may be rejected. */
  readonly maxRejected: (ds: Ds) => number;
  /** Milliseconds to wait for a day that another run holds. */
  readonly patience: number;
  readonly reportDay: ReportDay;
}

/** Returns undefined for a day that needs no work or has failed, after reporting it. Never rejects. */
export async function prepareDay(day: Day, context: PrepareContext): Promise<ReadyDay | undefined> {
  const { ds } = day;
  try {
    const prepared = await day.record.phase('input', () => acquire(day, context));
    if (!('status' in prepared)) return prepared;
    context.reportDay(ds, prepared);
  } catch (error) {
    context.reportDay(ds, { error });
  }
  return undefined;
}

/** Takes the lease. If another run holds it, waits for that run's result or until the lease is free. */
async function acquire(day: Day, context: PrepareContext): Promise<ReadyDay | Outcome> {
  const { session, patience, leases } = context;
  let holder: string | undefined;
  const poll = async () => {
    const input = await readInput(day, context);
    const current = await currentResult(input, context);
    if (current !== undefined) {
      return reuse(holder === undefined ? 'unchanged' : 'superseded', current);
    }
    refuseUsedRun(input);
    const lease = await Lease.take(day.ds, { ...leases, run: day.run, log: day.log });
    if (lease instanceof Lease) return recheck(day, lease, context);
    if (holder === undefined) {
      const { run, host, expiresAt } = lease;
      day.log.info({ holder: run, host, expiresAt }, 'another run works on this day; waiting');
    }
    holder = lease.run;
    return undefined;
  };
  const prepared = await waitFor(poll, {
    signal: session.signal,
    timeout: patience,
    minPause: 500,
    maxPause: 5_000,
  });
  if (prepared !== undefined) return prepared;
  throw new Failure('transient', `run ${String(holder)} is still working on ${day.ds}`, {
    action: 'check that run; run the day again after it has ended',
  });
}

/** Reads the day again under the lease: another run may have published just before it released it. */
async function recheck(
  day: Day,
  lease: Lease,
  context: PrepareContext,
): Promise<ReadyDay | Outcome> {
  try {
    const input = await readInput(day, context);
    const current = await currentResult(input, context);
    if (current !== undefined) {
      await lease.release();
      return reuse('superseded', current);
    }
    refuseUsedRun(input);
    return { input, lease, startedAt: context.session.now() };
  } catch (error) {
    await lease.release();
    throw error;
  }
}

async function readInput(
  day: Day,
  { store, session, maxRejected }: PrepareContext,
): Promise<DayInput> {
  const [upstream, previous] = await Promise.all([
    store.require(source, day.ds, session),
    store.read(dataset, day.ds),
  ]);
  const input = dayInput(day, upstream, previous, maxRejected(day.ds));
  day.record.note({ parameters: input.parameters, inputs: [inputOf(upstream.manifest)] });
  return input;
}

/**
 * The input together with its published result, if that is current and all of its files exist. With --force only
 * the result of this very run is current.
 */
async function currentResult(input: DayInput, { store, session }: PrepareContext) {
  if (!isCurrent(input)) return undefined;
  const { manifest } = input.previous;
  if (session.force && manifest.run !== input.day.run) return undefined;
  return (await store.filesExist(manifest)) ? input : undefined;
}

/** The outcome of a day whose published result is kept. */
const reuse = (
  status: 'unchanged' | 'superseded',
  { previous, day }: DayInput & { readonly previous: NonNullable<DayInput['previous']> },
): Outcome => logOutcome(day, { ...previous, status });
