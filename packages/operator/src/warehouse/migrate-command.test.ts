import type { DataApi } from '@user-behaviour/redshift-load/data-api/client';
import type { Submission } from '@user-behaviour/redshift-load/data-api/request';
import { firstTables } from '@user-behaviour/redshift-load/tables/definitions';
import { describe, expect, it } from 'vitest';
import { migrateTables } from './migrate-command.ts';

/** A warehouse with the tables of the first release, but for the ledger and these columns. */
function warehouse(lost: readonly string[]) {
  const sent: string[][] = [];
  const rows = firstTables()
    .filter(({ file }) => !file.endsWith('_load'))
    .flatMap(({ table, columns }) =>
      columns
        .filter(({ name }) => !lost.includes(name))
        .map(({ name, type }) => ({
          table_name: table.replace('public.', ''),
          column_name: name,
          data_type: type,
        })),
    );
  const api = {
    ask: ({ name }: Submission) => Promise.resolve(name.endsWith('/tables') ? rows : []),
    run: ({ statements }: Submission) => {
      sent.push(statements.map(({ name }) => name));
      return Promise.resolve('id');
    },
  };
  return { sent, api: api as unknown as DataApi };
}

describe('migrate', () => {
  it.each([true, false])('changes nothing if a column is lost, dry run %s', async (dryRun) => {
    const { api, sent } = warehouse(['amount_spent']);
    await expect(migrateTables(api, dryRun)).rejects.toMatchObject({
      exit: 78,
      message: expect.stringContaining('has no column amount_spent') as string,
    });
    expect(sent).toEqual([]);
  });

  it('only says in a dry run what it makes otherwise', async () => {
    const { api, sent } = warehouse([]);
    const shown = await migrateTables(api, true);
    expect(shown).toContain('would make 050_user_behavior_metric_load of');
    expect(sent).toEqual([]);
    expect(await migrateTables(api, false)).toBe(shown.replaceAll('would make', 'made'));
    expect(sent).toHaveLength(2);
  });

  it('does not read records whose table is missing', async () => {
    const none = { ask: refusesRecords } as unknown as DataApi;
    expect(await migrateTables(none, true)).toContain('would make 070_');
  });
});

const refusesRecords = ({ name }: Submission) =>
  name.endsWith('/tables') ? Promise.resolve([]) : Promise.reject(new Error('no such table'));
