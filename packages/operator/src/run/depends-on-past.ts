/** What `--depends-on-past` makes of a plan: redshift-load asks the ledger for the day before; pure. */
import { type Ds, previousDs } from '@user-behaviour/shared/ds';
import type { DayPlan, Step } from '../plan/day-plan.ts';

export interface Past {
  /** The days that have a ledger row, among them the day before the first of the plan. */
  readonly loaded: ReadonlySet<Ds>;
  /** The first day of all, which asks for no day before it. */
  readonly historyStart: Ds;
}

const unloaded: Step = { action: 'blocked', why: 'the day before is not loaded' };

/** The plans, ascending, as they are when days are loaded one after the other. */
export function applyDependsOnPast(
  plans: readonly DayPlan[],
  { loaded, historyStart }: Past,
): DayPlan[] {
  const known = new Set(loaded);
  return plans.map((plan) => {
    const { ds, steps } = plan;
    const load = steps['redshift-load'];
    const isAllowed = ds === historyStart || known.has(previousDs(ds));
    if (load.action !== 'blocked' && !isAllowed) {
      return { ds, steps: { ...steps, 'redshift-load': unloaded } };
    }
    if (load.action === 'run') known.add(ds);
    return plan;
  });
}
