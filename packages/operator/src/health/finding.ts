/** What is wrong or odd about a day. Monitoring systems know findings by their names: docs/monitoring.md lists them. */
import type { Ds } from '@user-behaviour/shared/ds';

/** A day that analysts cannot use as it is, or that is not as this release would make it. */
export const dayErrors = ['damaged', 'failed', 'gap', 'late', 'partial', 'stale'] as const;

/** Those, and that changes at the source are not captured. */
export const errorNames = [...dayErrors, 'capture-gap', 'capture-stale'] as const;

export interface Finding {
  /** One of `errorNames`, or the name of a rule of sql/warehouse/quality. */
  readonly finding: string;
  /** The day, or the last day of history. */
  readonly ds: Ds;
  /** A warning never changes an exit code. */
  readonly level: 'error' | 'warning';
  /** What was found, without row values. */
  readonly message: string;
  /** What to do about it. */
  readonly action: string;
}

/** Errors first, then by day. */
export const inOrder = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted(
    (one, other) =>
      one.level.localeCompare(other.level) ||
      one.ds.localeCompare(other.ds) ||
      one.finding.localeCompare(other.finding),
  );
