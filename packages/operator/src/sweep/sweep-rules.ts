/**
 * The rules for what a sweep may remove; pure. docs/adr/0014 says why they are safe. Whatever a manifest
 * or the ledger names is never garbage, nor is anything written within `older`.
 */
import { runTime } from '@user-behaviour/shared/runner/run-id';

export interface SweepAges {
  /** Milliseconds since 1970, by S3's clock. */
  readonly now: number;
  /** Milliseconds without a write that make something garbage. */
  readonly older: number;
  /** Milliseconds that a run is kept for its readers after another replaced it. */
  readonly keep: number;
  /** Milliseconds after which rejects go, even those of a published run; undefined: with their run. */
  readonly keepRejects?: number;
  /** Milliseconds after which the records of runs go; undefined: never. */
  readonly keepRecords?: number;
}

export interface RunFacts {
  readonly run: string;
  /** When the last of its objects was written, in milliseconds. */
  readonly modified: number;
  /** Runs that the day's manifest and the ledger name. */
  readonly named: ReadonlySet<string>;
  /** When the day's pointer last moved, where there is one. */
  readonly pointerMoved: number | undefined;
  /** Whether a run holds the day: it may still read and write there. */
  readonly held: boolean;
}

/** S3 reports times in whole seconds. */
const second = 1_000;

/**
 * Whether the last write is at least `older` ago. Some servers report milliseconds for objects but whole
 * seconds for their own time. Both are rounded down, or a recent object would seem to be from the future.
 */
export const isOlder = (
  modified: number,
  { now, older }: Pick<SweepAges, 'now' | 'older'>,
): boolean => now - Math.floor(modified / second) * second >= older;

/** Why the run's files are garbage; undefined if they must stay. */
export function judgeRun(facts: RunFacts, ages: SweepAges): string | undefined {
  const { now, keep } = ages;
  const { run, modified, named, pointerMoved, held } = facts;
  if (named.has(run) || held) return undefined;
  if (!isOlder(Math.max(modified, runTime(run) ?? 0), ages)) return undefined;
  // A run that was complete before the manifest moved may have been the published one before.
  const mayHaveBeenPublished = pointerMoved !== undefined && modified <= pointerMoved + second;
  if (!mayHaveBeenPublished) return 'never published';
  return isOlder(pointerMoved, { now, older: keep }) ? 'superseded' : undefined;
}

/** Rejects are for inspection: no manifest counts on them. They hold what customers wrote, so they have an end. */
export const areOldRejects = (
  modified: number,
  held: boolean,
  { now, older, keepRejects = Infinity }: SweepAges,
): boolean => !held && isOlder(modified, { now, older: Math.max(older, keepRejects) });

/** No job reads a record, and an object is written once. */
export const isOldRecord = (
  modified: number,
  { now, older, keepRecords = Infinity }: SweepAges,
): boolean => isOlder(modified, { now, older: Math.max(older, keepRecords) });

/** A script that no manifest names and no run can be using. */
export const isOldScript = (
  modified: number,
  anyHeld: boolean,
  { now, older, keep }: SweepAges,
): boolean => !anyHeld && isOlder(modified, { now, older: Math.max(older, keep) });

/** An upload that has received no part for `older`. */
export const isDeadUpload = (lastActivity: number, held: boolean, ages: SweepAges): boolean =>
  !held && isOlder(lastActivity, ages);

/** A lease that expired at least `older` ago. */
export const isDeadLease = (expiresAt: number, { now, older }: SweepAges): boolean =>
  now - expiresAt >= older;
