/** Commands that only look: status, the report of a day, a query. */
import { dsRange, parseDs } from '@user-behaviour/shared/ds';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import type { Argv } from 'yargs';
import { operatorConfiguration } from '../config.ts';
import { readDays } from '../facts/day-facts.ts';
import { recordsIfReadable } from '../facts/run-records.ts';
import { reportDay } from '../report.ts';
import type { Shell } from '../shell.ts';
import { readCapturedChanges, tellCaptured } from './captured-changes.ts';
import { readDaySettings } from './day-settings.ts';
import { loadParametersFor, tellUnknownSql } from './loaded-sql.ts';
import { failureLines, statusOutput, tellNotCompared } from './status.ts';
import { jsonOption } from '../output.ts';
import { resultOutput } from '../records.ts';
import { queryWarehouse } from '../facts/warehouse-query.ts';

export function inspectCommands(cli: Argv, shell: Shell): Argv {
  const { env, print, optionName } = shell;
  return cli
    .command(
      'status',
      'what is there for each day',
      (options) =>
        options
          .option('from', { type: 'string' })
          .option('to', { type: 'string' })
          .options(jsonOption),
      async (given) => {
        const names = { from: optionName('from'), through: optionName('to') };
        const from = given.from === undefined ? undefined : parseDs(given.from, names.from);
        const to = given.to === undefined ? undefined : parseDs(given.to, names.through);
        if (from !== undefined && to !== undefined) dsRange(from, to, names);
        const records = (where: Bucket) => recordsIfReadable(where, { from, to }, shell.report);
        const days = await readDays(operatorConfiguration(env), { from, to }, records);
        const settings = await readDaySettings(env);
        const ofLoad = await loadParametersFor(days, shell);
        print(statusOutput(days, new Date(), (ds) => ({ ...settings.of(ds), ...ofLoad })));
        tellUnknownSql(days, shell);
        tellNotCompared(days, shell);
        for (const line of failureLines(days)) shell.report(line);
        const captured = await readCapturedChanges(operatorConfiguration(env), shell.report);
        const until = tellCaptured(captured, new Date());
        if (until !== undefined) shell.report(until);
      },
    )
    .command(
      'report',
      'the metric of one day and where it lies',
      (options) => options.option('ds', { type: 'string', demandOption: true }),
      async ({ ds }) => {
        const day = parseDs(ds, optionName('ds'));
        const configuration = operatorConfiguration(env);
        const [facts] = await readDays(configuration, { from: day, to: day });
        print(await reportDay(day, facts, configuration));
      },
    )
    .command(
      'query',
      'run SQL on the warehouse',
      (options) =>
        options.option('sql', { type: 'string', demandOption: true }).options(jsonOption),
      async ({ sql }) => {
        const query = { name: 'query', kind: 'report', sql } as const;
        print(resultOutput(await queryWarehouse(operatorConfiguration(env), query)));
      },
    );
}
