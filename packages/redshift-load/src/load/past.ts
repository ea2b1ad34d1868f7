/** What --depends-on-past asks of the day before. */
import { type Ds, previousDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Day, Session } from '@user-behaviour/shared/runner/job';
import type { DataApi } from '../data-api/client.ts';
import { statementName } from '../data-api/names.ts';
import { statement } from '../data-api/sql.ts';

interface History {
  readonly api: DataApi;
  readonly historyStart: Ds;
  readonly session: Session;
}

/** @throws a failure of a day that is not ready if the day before is not loaded, or is partial */
export async function requirePast(day: Day, history: History): Promise<void> {
  const { api, historyStart, session } = history;
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
