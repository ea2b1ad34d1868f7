/** What is wrong with the pointer of capture-purchases. Pure. */
import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { type Ds, previousDs } from '@user-behaviour/shared/ds';
import { formatAge, formatTime } from '../time-span.ts';
import type { Finding } from './finding.ts';

export interface CaptureExpectation {
  readonly now: Date;
  /** The last day of history, which the findings name. */
  readonly end: Ds;
  /** Milliseconds: how old the pointer may be. */
  readonly maxAge: number;
}

/** Nothing without capture, and of a history that has ended: what is captured is about now. */
export function captureFindings(
  head: ChangesHead | undefined,
  { now, end, maxAge }: CaptureExpectation,
): readonly Finding[] {
  const today = now.toISOString().slice(0, 10) as Ds;
  if (head === undefined || end < previousDs(today)) return [];
  const common = { ds: end, level: 'error' } as const;
  if (head.gap !== undefined) {
    return [
      {
        finding: 'capture-gap',
        ...common,
        message: `changes at the source may be missing: ${head.gap}`,
        action: 'run capture-purchases --reset, then extract the days again',
      },
    ];
  }
  const at = new Date(head.at);
  const age = now.getTime() - at.getTime();
  if (age <= maxAge) return [];
  return [
    {
      finding: 'capture-stale',
      ...common,
      message: `changes at the source are captured until ${formatTime(at)}, ${formatAge(age)} ago; expected at most ${formatAge(maxAge)}`,
      action: 'look at the last runs of capture-purchases, and at its schedule',
    },
  ];
}
