/**
 * What other runs of these days have under way at the warehouse. A killed run's statements go on, and
 * one that points a partition knows no generation: come late, it would point a newer load's back.
 */
import type { Day } from '@user-behaviour/shared/runner/job';
import type { DataApi } from '../data-api/client.ts';
import { changesOneOf, prefixesAbout } from '../data-api/names.ts';
import { statementState } from '../data-api/status.ts';

/**
 * Waits for all of it; false when there was none. One look is enough: the dead submit no more, and a
 * run that lives sees to its own end. None is cancelled, as it may be a living run's.
 */
export async function othersEnded(days: readonly Day[], api: DataApi): Promise<boolean> {
  const found = await Promise.all(prefixesAbout(days).map((prefix) => api.list(prefix)));
  const live = found
    .flat()
    .filter((one) => statementState(one).is === 'running')
    .map(({ Id = '', StatementName = '' }) => ({ Id, name: StatementName }))
    .filter(({ name }) => changesOneOf(days, name));
  if (live.length === 0) return false;
  days[0]?.log.info(
    { statements: live.map(({ name }) => name) },
    'another run has statements under way: waiting for their end',
  );
  await Promise.all(live.map(({ Id, name }) => api.awaitOther(Id, name)));
  return true;
}
