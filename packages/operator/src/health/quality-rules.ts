/**
 * The rules of sql/warehouse/quality, each a query that returns `ds`, `message` and `action` for every day that is odd.
 * They warn, and never stop a load. To add one: docs/monitoring.md.
 */
import { assetNames } from '@user-behaviour/shared/asset';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { isDs } from '@user-behaviour/shared/ds';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import { namedRows, type Row } from '@user-behaviour/redshift-load/data-api/result';
import { type Statement, statement } from '@user-behaviour/redshift-load/data-api/sql';
import { foundTables } from '@user-behaviour/redshift-load/tables/found-tables';
import * as z from 'zod';
import type { OperatorConfiguration } from '../config.ts';
import type { Bounds } from '../facts/inventory.ts';
import { queryWarehouse } from '../facts/warehouse-query.ts';
import type { Shell } from '../shell.ts';
import type { Finding } from './finding.ts';

const folder = 'sql/warehouse/quality';

/** Statements in progress at a time. */
const concurrency = 4;

const readRules = (): Statement[] =>
  assetNames(folder).map((file) => statement('quality', file.replace(/\.sql$/, '')));

const nameOf = ({ name }: Statement): string => name.replaceAll('_', '-');

/** The names of the rules, e.g. `positive-share`. */
export const ruleNames = (): string[] => readRules().map(nameOf);

/**
 * Of the loaded days between the bounds. A rule whose tables do not exist yet finds nothing. Neither does one that
 * fails, because it only warns: `report` receives a line.
 */
export async function qualityFindings(
  configuration: OperatorConfiguration,
  { from, to }: Required<Bounds>,
  report: Shell['report'],
): Promise<Finding[]> {
  const existing = await queryWarehouse(configuration, statement('ddl', 'metric_tables'));
  const tables = foundTables(namedRows(existing));
  const rules = readRules().filter(({ sql }) =>
    [...sql.matchAll(/\bpublic\.\w+/g)].every(([table]) => tables.has(table)),
  );
  const days = { first_ds: from ?? '0001-01-01', last_ds: to ?? '9999-12-31' };
  const found = await mapConcurrently(concurrency, rules, async (rule) => {
    try {
      return namedRows(await queryWarehouse(configuration, rule, days)).map((row) =>
        toFinding(rule, row),
      );
    } catch (error) {
      const { message, action } = asFailure(error);
      report(`${folder}/${rule.name}.sql: ${message}; ${action}`);
      return [];
    }
  });
  return found.flat();
}

const ruleRow = z.object({
  ds: z
    .string()
    .transform((text) => text.slice(0, 10))
    .refine(isDs),
  message: z.string().min(1),
  action: z.string().min(1),
});

function toFinding(rule: Statement, row: Row): Finding {
  const { data } = ruleRow.safeParse(row);
  if (data === undefined) {
    throw new Failure('data', 'expected the columns ds, message and action in every row', {
      action: 'correct the rule',
    });
  }
  const { ds, message, action } = data;
  return { finding: nameOf(rule), ds, level: 'warning', message, action };
}
