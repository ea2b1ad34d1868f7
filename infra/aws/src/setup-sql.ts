/** The statements of sql/setup.sql, for one warehouse. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SetupNames {
  /** The database user of the job. */
  readonly user: string;
  readonly database: string;
  readonly glue_database: string;
  readonly spectrum_role_arn: string;
}

/** The statements of a file: without comment lines, and without a semicolon in a text. */
export const statementsIn = (sql: string): readonly string[] =>
  sql
    .replaceAll(/^--.*\n/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');

export function setupStatements(names: SetupNames): readonly string[] {
  const sql = readFileSync(join(import.meta.dirname, 'sql/setup.sql'), 'utf8');
  return statementsIn(sql).map((statement) =>
    statement.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => names[name as keyof SetupNames]),
  );
}
