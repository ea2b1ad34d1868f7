import { describe, expect, it } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import type { Day } from '@user-behaviour/shared/runner/job';
import { createLog } from '@user-behaviour/shared/runner/log';
import type { DataApi } from '../data-api/client.ts';
import { awaitOtherRuns } from './other-runs.ts';

const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const day: Day = { ds: parseDs('2010-12-01'), run: 'r1', log, record: new DayNotes() };

/** The warehouse has these statements: name to state. */
async function awaited(statements: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const waited: string[] = [];
  const api = {
    list(prefix: string) {
      asked.push(prefix);
      return Promise.resolve(
        Object.entries(statements)
          .filter(([name]) => name.startsWith(prefix))
          .map(([StatementName, Status]) => ({
            Id: `id of ${StatementName}`,
            StatementName,
            Status,
          })),
      );
    },
    awaitOther(id: string, name: string) {
      expect(id).toBe(`id of ${name}`);
      waited.push(name);
      return Promise.resolve();
    },
  } as unknown as DataApi;
  return { found: await awaitOtherRuns([day], api), asked, waited };
}

describe("other runs' statements", () => {
  it.each(['SUBMITTED', 'PICKED', 'STARTED'])('are waited for while they are %s', async (state) => {
    const name = 'redshift-load/2010-12-01/r0/partitions-1';
    const range = 'redshift-load/days/2010-11-20..2010-12-05/r0/partitions-1';
    const { found, asked, waited } = await awaited({ [name]: state, [range]: state });
    expect(found).toBe(true);
    expect(waited).toEqual([name, range]);
    expect(asked).toEqual(['redshift-load/2010-12-01/', 'redshift-load/days/']);
  });

  it('are not waited for if they have ended, only read, or are about other days', async () => {
    const { found, waited } = await awaited({
      'redshift-load/2010-12-01/r0/partitions-1': 'FINISHED',
      'redshift-load/2010-12-01/r0/load-1': 'FAILED',
      'redshift-load/2010-12-01/r2/load-1': 'ABORTED',
      'redshift-load/2010-12-01/r0/loaded': 'STARTED',
      'redshift-load/days/2010-11-20..2010-11-30/r0/partitions-1': 'STARTED',
    });
    expect([found, waited]).toEqual([false, []]);
  });
});
