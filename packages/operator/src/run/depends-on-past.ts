/** What `--depends-on-past` makes of a plan: redshift-load asks the ledger for the day before; pure. */
import { type Ds, previousDs } from '@user-behaviour/shared/ds';
import type { DayPlan, Step } from '../plan/day-plan.ts';

export interface Past {
  /** The days that have a ledger row, among them the day before the first of the plan. */
  readonly loaded: ReadonlySet<Ds>;
  /** Those that were loaded before they were over. */
  readonly partial: ReadonlySet<Ds>;
  /** Those whose published purchases are complete. */
  readonly complete: ReadonlySet<Ds>;
  /** The first day of all, which asks for no day before it. */
  readonly historyStart: Ds;
}

const unloaded: Step = { action: 'blocked', why: 'the day before is not loaded' };
const unfinished: Step = { action: 'blocked', why: 'the day before is partial' };

/** The plans, ascending, as they are when days are loaded one after the other. */
export function applyDependsOnPast(
  plans: readonly DayPlan[],
  { loaded, partial, complete, historyStart }: Past,
): DayPlan[] {
  const known = new Set(loaded);
  const open = new Set(partial);
  return plans.map((plan) => {
    const { ds, steps } = plan;
    const load = steps['redshift-load'];
    const before = previousDs(ds);
    const isAllowed = ds === historyStart || (known.has(before) && !open.has(before));
    if (load.action !== 'blocked' && !isAllowed) {
      const why = known.has(before) ? unfinished : unloaded;
      return { ds, steps: { ...steps, 'redshift-load': why } };
    }
    if (load.action === 'run') {
      known.add(ds);
      // Its purchases are read again first, if it is over, or have been since it was loaded.
      if (steps['extract-purchases'].action === 'run' || complete.has(ds)) open.delete(ds);
    }
    return plan;
  });
}
