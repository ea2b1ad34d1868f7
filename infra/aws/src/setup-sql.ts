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

export function setupStatements(names: SetupNames): readonly string[] {
  const sql = readFileSync(join(import.meta.dirname, 'sql/setup.sql'), 'utf8');
  return sql
    .replaceAll(/^--.*\n/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
    .map((statement) =>
      statement.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => names[name as keyof SetupNames]),
    );
}
