/** `operator lineage`: OpenLineage events of days that were published or loaded, whether or not the jobs sent any. */
import { namedRows } from '@user-behaviour/redshift-load/data-api/result';
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import { insertDays } from '@user-behaviour/redshift-load/load/transaction';
import { type Ds, dsRange, parseDs } from '@user-behaviour/shared/ds';
import { placeOf } from '@user-behaviour/shared/lineage/places';
import { eventsOf } from '@user-behaviour/shared/lineage/run-events';
import { lineageVariables } from '@user-behaviour/shared/lineage/config';
import { defaultNamespace } from '@user-behaviour/shared/lineage/default-namespace';
import { pipeline, type Stage } from '@user-behaviour/shared/pipeline';
import { readConfiguration } from '@user-behaviour/shared/runner/config';
import type { Argv } from 'yargs';
import { type OperatorConfiguration, operatorConfiguration } from '../config.ts';
import { type DayFacts, readDays } from '../facts/day-facts.ts';
import { queryWarehouse } from '../facts/warehouse-query.ts';
import type { Shell } from '../shell.ts';
import { isLoadedByThisSql, publishedRuns } from './published-runs.ts';

export function lineageCommand(cli: Argv, shell: Shell): Argv {
  const { env, print, report, optionName } = shell;
  return cli.command(
    'lineage',
    'OpenLineage events of days that are published or loaded, a line of JSON each',
    (options) =>
      options
        .option('from', { type: 'string', demandOption: true })
        .option('to', { type: 'string', demandOption: true }),
    async (given) => {
      const names = { from: optionName('from'), through: optionName('to') };
      const [from, to] = [parseDs(given.from, names.from), parseDs(given.to, names.through)];
      dsRange(from, to, names);
      const configuration = operatorConfiguration(env);
      const { OPENLINEAGE_NAMESPACE: namespace } = readConfiguration(lineageVariables, env);
      const place = (dataset: string) => placeOf(dataset, env);
      tellUnknownSources(env, report);
      const days = await readDays(configuration, { from, to });
      const runs = await loadRuns(configuration, days);
      for (const day of days) {
        for (const [dataset, damage] of day.damage) report(`${dataset} of ${day.ds}: ${damage}`);
        for (const record of publishedRuns(day, runs.get(day.ds))) {
          const sql = isLoadedByThisSql(record) ? insertDays().sql : undefined;
          const events = eventsOf(record, { namespace, placeOf: place, sql });
          for (const event of events) print(JSON.stringify(event));
        }
      }
    },
  );
}

/** A job knows its source; the operator only if it has the same variables. */
function tellUnknownSources(env: Shell['env'], report: Shell['report']): void {
  for (const { source, name } of pipeline as readonly Stage[]) {
    if (source === undefined || placeOf(source.name, env).namespace !== defaultNamespace) continue;
    report(
      `no variable says where ${source.name} is: its name in the events is not that of ${name}'s own events`,
    );
  }
}

/** Which run loaded each day; of days that the ledger has. */
async function loadRuns(
  configuration: OperatorConfiguration,
  days: readonly DayFacts[],
): Promise<ReadonlyMap<Ds, string>> {
  const loaded = days.filter(({ ledger }) => ledger !== undefined).map(({ ds }) => ds);
  const [first, last] = [loaded[0], loaded.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const range = { first_ds: first, last_ds: last };
  const table = await queryWarehouse(configuration, statement('report', 'load_runs'), range);
  return new Map(
    namedRows(table).map((row) => [(row['ds'] ?? '').slice(0, 10) as Ds, row['run'] ?? '']),
  );
}
