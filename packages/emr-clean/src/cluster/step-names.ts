/** Step names: EMR has no idempotency token, so a step is known again by its name alone. */
import { type Ds, isDs } from '@user-behaviour/shared/ds';

/** `emr-clean/2010-12-01/{run}/` for one day, `emr-clean/2010-12-01..2010-12-31/{run}/` for several. */
export function stepPrefix(days: readonly Ds[], run: string): string {
  const first = days[0] ?? '';
  const last = days.at(-1) ?? '';
  return `emr-clean/${first === last ? first : `${first}..${last}`}/${run}/`;
}

const form = /^emr-clean\/([\d-]{10})(?:\.\.([\d-]{10}))?\/([^/]+)\/[^/]+$/;

/** Whether the step is of one of these runs, for an application whose days span this one. */
export function isStepOf(name: string, ds: Ds, runs: readonly string[]): boolean {
  const [, first = '', last = first, run] = form.exec(name) ?? [];
  return (
    isDs(first) &&
    isDs(last) &&
    run !== undefined &&
    runs.includes(run) &&
    first <= ds &&
    ds <= last
  );
}
