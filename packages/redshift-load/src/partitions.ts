/** The day's external partitions: pointed at the published runs, and whether they still are. */
import type { Day } from '@user-behaviour/shared/job';
import type { DataApi } from './data-api.ts';
import { type DayLoad, statementName } from './day-load.ts';
import { statement } from './statement.ts';

/** Outside any transaction, as external DDL must be; safe to repeat. `step` names the statements. */
export async function pointPartitions(
  day: Day,
  step: string,
  { partitions }: Pick<DayLoad, 'partitions'>,
  api: DataApi,
): Promise<void> {
  await api.run(
    { name: statementName(day, step), statements: partitions, mode: 'AUTO_COMMIT' },
    day.log,
  );
}

/** False when another run of the day has pointed one elsewhere meanwhile. */
export async function partitionsStand(
  day: Day,
  { parameters }: Pick<DayLoad, 'parameters'>,
  api: DataApi,
): Promise<boolean> {
  const look = {
    name: statementName(day, 'standing'),
    statements: [statement('partition', 'standing')],
    parameters,
    reads: true,
  };
  const [row] = await api.rows(await api.run(look, day.log));
  return row?.['standing'] === '2';
}
