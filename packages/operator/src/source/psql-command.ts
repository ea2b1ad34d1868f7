/** `operator psql`: the source in the psql client, or the result of one statement. */
import type { ExtractConfiguration } from '@user-behaviour/extract-purchases/config';
import type { Table } from '@user-behaviour/redshift-load/data-api/result';
import { Failure } from '@user-behaviour/shared/failure';
import type { Argv } from 'yargs';
import { jsonOption } from '../output.ts';
import { resultOutput } from '../records.ts';
import type { Shell } from '../shell.ts';
import { requireLocalCloud } from '../world/world.ts';
import { psqlEnvironment, runPsql } from './psql-client.ts';
import { querySource, sourceConfiguration } from './source-query.ts';

export function psqlCommand(cli: Argv, { env, print, end }: Shell): Argv {
  return cli.command(
    'psql',
    'open the source in psql, read only; with --sql, print the result of a statement',
    (options) =>
      options
        .option('sql', { type: 'string', describe: 'one statement; needs no psql' })
        .options(jsonOption),
    async ({ sql, json }) => {
      const configuration = sourceConfiguration(env);
      await requireLocalCloud({ SOURCE_DATABASE_URL: env['SOURCE_DATABASE_URL'] });
      if (sql !== undefined) print(resultOutput(await runStatement(configuration, sql)));
      else if (json) throw new Failure('usage', '--json needs --sql (JSON=1 needs SQL="…")');
      else end(await runPsql(await psqlEnvironment(configuration, env)));
    },
  );
}

/** Not of the statement: rights, the connection, resources, an operator's intervention, a broken server. */
const notOfStatement = /^(42501|08|53|57|XX|$)/;

async function runStatement(configuration: ExtractConfiguration, sql: string): Promise<Table> {
  const timeout = configuration.SOURCE_STATEMENT_TIMEOUT;
  try {
    return await querySource(configuration, { sql, timeout });
  } catch (error) {
    const cause = error instanceof Failure ? error.cause : error;
    const { code = '', message = '' } = (cause ?? {}) as { code?: string; message?: string };
    if (notOfStatement.test(code)) throw error;
    throw new Failure('data', message, { cause, action: 'correct the statement' });
  }
}
