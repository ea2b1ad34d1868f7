/**
 * What a sweep may remove; pure. docs/adr/0014 says why these rules are safe. Nothing that a manifest
 * or the ledger names is ever waste, and nothing that has been written to within `older`.
 */
import { runTime } from '@user-behaviour/shared/runner/run-id';

export interface SweepAges {
  /** Milliseconds since 1970, by S3's clock. */
  readonly now: number;
  /** Milliseconds for which nothing must have been written. */
  readonly older: number;
  /** Milliseconds that a run is kept for its readers after another took its place. */
  readonly keep: number;
}

export interface RunFacts {
  readonly run: string;
  /** When the last of its objects was written, in milliseconds. */
  readonly modified: number;
  /** Runs that the day's manifest and the ledger name. */
  readonly named: ReadonlySet<string>;
  /** When the day's pointer last moved, where there is one. */
  readonly pointerMoved: number | undefined;
  /** Whether a run holds the day: it reads what is there, and writes. */
  readonly held: boolean;
}

/** S3 tells times in whole seconds. */
const second = 1_000;

/**
 * Whether the time since it was written is up. Servers that tell an object's milliseconds name but
 * the second of their own time: both are read alike, or what is older would seem to be of the future.
 */
export const isOlder = (modified: number, { now, older }: Omit<SweepAges, 'keep'>): boolean =>
  now - Math.floor(modified / second) * second >= older;

/** Why the run's files are waste, or nothing where they must stay. */
export function judgeRun(facts: RunFacts, ages: SweepAges): string | undefined {
  const { now, keep } = ages;
  const { run, modified, named, pointerMoved, held } = facts;
  if (named.has(run) || held) return undefined;
  if (!isOlder(Math.max(modified, runTime(run) ?? 0), ages)) return undefined;
  // What was complete before the pointer moved may be what it pointed at before.
  const mayHaveBeenPublished = pointerMoved !== undefined && modified <= pointerMoved + second;
  if (!mayHaveBeenPublished) return 'never published';
  return isOlder(pointerMoved, { now, older: keep }) ? 'superseded' : undefined;
}

/** A script that no manifest names and nobody can be running. */
export const isOldScript = (
  modified: number,
  anyHeld: boolean,
  { now, older, keep }: SweepAges,
): boolean => !anyHeld && isOlder(modified, { now, older: Math.max(older, keep) });

/** An upload into which no part has come for long. */
export const isDeadUpload = (lastActivity: number, held: boolean, ages: SweepAges): boolean =>
  !held && isOlder(lastActivity, ages);

/** A lease that its holder has not renewed for long. */
export const isDeadLease = (expiresAt: number, { now, older }: SweepAges): boolean =>
  now - expiresAt >= older;
