/** Step names. EMR has no idempotency token, so a run finds its steps again by name. */
import { type Ds, isDs } from '@user-behaviour/shared/ds';

/** `emr-clean/2010-12-01/{run}/` for one day, `emr-clean/2010-12-01..2010-12-31/{run}/` for several. */
export function stepPrefix(days: readonly Ds[], run: string): string {
  const first = days[0] ?? '';
  const last = days.at(-1) ?? '';
  return `emr-clean/${first === last ? first : `${first}..${last}`}/${run}/`;
}

const pattern = /^emr-clean\/([\d-]{10})(?:\.\.([\d-]{10}))?\/([^/]+)\/[^/]+$/;

/** Whether the step belongs to one of these runs, in an application whose range of days includes `ds`. */
export function isStepOf(name: string, ds: Ds, runs: readonly string[]): boolean {
  const [, first = '', last = first, run] = pattern.exec(name) ?? [];
  return (
    isDs(first) &&
    isDs(last) &&
    run !== undefined &&
    runs.includes(run) &&
    first <= ds &&
    ds <= last
  );
}

const doing: Readonly<Record<string, string>> = {
  '1-copy-in': 'copying the reviews to HDFS',
  '2-clean': 'cleaning the reviews with Spark',
  '3-copy-out': 'copying the results to the bucket',
  '0-clean-up': 'removing what an earlier run left on HDFS',
  '4-clean-up': 'removing the files from HDFS',
};

/** What a step is doing in this state, for the log. */
export function tellStep(name: string, state = 'PENDING'): string {
  const what = doing[name.split('/').at(-1) ?? ''] ?? `step ${name}`;
  if (state === 'RUNNING') return what.replace('Spark', 'Spark (10 to 40 s to start)');
  return `${what}: ${state.toLowerCase().replaceAll('_', ' ')}`;
}
