/**
 * Statements that other runs of these days have running in the warehouse. Those of a killed run go on,
 * and one that sets a partition checks no generation: late, it would undo what a newer run has set.
 */
import type { Day } from '@user-behaviour/shared/runner/job';
import type { DataApi } from '../data-api/client.ts';
import { changesOneOf, namePrefixes } from '../data-api/names.ts';
import { statementState } from '../data-api/status.ts';

/**
 * Waits until all of them have ended; false when there were none. One look is enough: a dead run submits
 * no more, and a live run checks its own result. None is cancelled, because its run may be alive.
 */
export async function awaitOtherRuns(days: readonly Day[], api: DataApi): Promise<boolean> {
  const found = await Promise.all(namePrefixes(days).map((prefix) => api.list(prefix)));
  const running = found
    .flat()
    .filter((one) => statementState(one).is === 'running')
    .map(({ Id = '', StatementName = '' }) => ({ Id, name: StatementName }))
    .filter(({ name }) => changesOneOf(days, name));
  if (running.length === 0) return false;
  days[0]?.log.info(
    { statements: running.map(({ name }) => name) },
    'waiting for statements of another run to end',
  );
  await Promise.all(running.map(({ Id, name }) => api.awaitOther(Id, name)));
  return true;
}
