import { StatementError } from '@user-behaviour/redshift-load/data-api/request';
import { statement } from '@user-behaviour/redshift-load/data-api/sql';
import { parseDs } from '@user-behaviour/shared/ds';
import { expect, it, vi } from 'vitest';
import { rebuildDay, type Rebuilding, tellRebuilt } from './rebuild-ledger.ts';

vi.mock('@user-behaviour/redshift-load/load/upstreams', () => ({ readUpstreams: () => ({}) }));
vi.mock('@user-behaviour/redshift-load/load/transaction', () => ({
  planLoad: () => ({}),
  loadStatements: () => [],
  parametersOfSet: () => ({}),
}));

it.each([
  ['060_not_in_ledger', 'there', 'the ledger has a row of the day'],
  ['061_slice_as_loaded', 'left', 'the rows differ from those that a load would write'],
])('a day that fails %s is %s', async (audit, outcome, why) => {
  const error = new StatementError(
    `ERROR: Invalid digit, Value '${why[0] ?? ''}', Pos 0`,
    statement('audit', audit),
  );
  const rebuilding = { api: { run: () => Promise.reject(error) }, writes: true };
  expect(await rebuildDay(parseDs('2010-12-01'), rebuilding as unknown as Rebuilding)).toEqual({
    outcome,
    why,
  });
});

it('the days that another rebuilding was first to write are not left', () => {
  expect(tellRebuilt(['there', 'rebuilt', 'there', 'left'], 'rebuilt')).toBe(
    '1 days rebuilt, 2 in the ledger by now, 1 left: the next catchup loads those',
  );
  expect(tellRebuilt(['rebuilt', 'left'], 'rebuilt')).toBe(
    '1 days rebuilt, 1 left: the next catchup loads those',
  );
});
