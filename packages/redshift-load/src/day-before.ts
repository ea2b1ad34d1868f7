/** --depends-on-past: a day is loaded only after the day before. */
import { previousDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Day } from '@user-behaviour/shared/runner/job';
import { statementName } from './data-api/names.ts';
import { statement } from './data-api/sql.ts';
import type { Warehouse } from './load-days.ts';

/** @throws not-ready if the day before is not loaded, or was loaded before it was over; the first day of history has none. */
export async function requireDayBefore(
  day: Day,
  { api, historyStart, session }: Pick<Warehouse, 'api' | 'historyStart' | 'session'>,
): Promise<void> {
  if (!session.flags.has('depends-on-past') || day.ds === historyStart) return;
  const query = {
    name: statementName(day, 'previous'),
    statements: [statement('load', 'previous')],
    parameters: { ds: day.ds },
    reads: true,
  };
  const [row] = await api.ask(query, day.log);
  const before = previousDs(day.ds);
  const until = row?.['complete_until'];
  if (until !== undefined) {
    throw new Failure(
      'not-ready',
      `${before}, the day before, is partial: its purchases are complete until ${until} UTC only (--depends-on-past)`,
      { action: 'extract and load it again once it is over, as catchup does' },
    );
  }
  if (row?.['loaded'] !== '0') return;
  throw new Failure(
    'not-ready',
    `${before}, the day before, has not been loaded (--depends-on-past)`,
    {
      action:
        'load the earlier days first; set HISTORY_START to the first day of history, which has none before it',
    },
  );
}
