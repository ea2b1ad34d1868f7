import { parseDs } from '@user-behaviour/shared/ds';
import { expect, it, vi } from 'vitest';
import type { DayFacts } from '../facts/day-facts.ts';
import type { LedgerRow } from '../facts/ledger.ts';
import { loadParametersFor, tellUnknownSql } from './loaded-sql.ts';

const day = (ds: string, loadSql: string | null | undefined): DayFacts => ({
  ds: parseDs(ds),
  published: new Map(),
  ledger: loadSql === undefined ? undefined : ({ loadSql } as LedgerRow),
  damage: new Map(),
  isOver: true,
});
const days = [day('2010-12-01', null), day('2010-12-02', null), day('2010-12-03', undefined)];

it('the SQL of the release is that of this checkout, if there is anything to compare', async () => {
  const shell = { env: {}, report: vi.fn(), stopSignal: () => new AbortController().signal };
  expect(await loadParametersFor(days, shell)).toBeUndefined();
  const known = [...days, day('2010-12-04', 'aa')];
  expect(await loadParametersFor(known, shell)).toEqual({
    loadSql: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(shell.report).not.toHaveBeenCalled();
});

it('a status goes on if an image does not say its SQL', async () => {
  const shell = {
    env: { RUNNER: 'docker', IMAGE_PREFIX: '/no such image' },
    report: vi.fn(),
    stopSignal: () => new AbortController().signal,
  };
  expect(await loadParametersFor([day('2010-12-04', 'aa')], shell)).toBeUndefined();
  expect(shell.report).toHaveBeenCalledWith(expect.stringContaining('is not shown'));
});

it.each([
  ['force', 'FORCE=1'],
  ['--force', '--force'],
])('days whose SQL is unknown are named, with what to do (%s)', (typed, told) => {
  const report = vi.fn();
  tellUnknownSql(days, { report, optionName: () => typed });
  expect(report).toHaveBeenCalledExactlyOnceWith(
    `loaded with SQL that the ledger does not know: 2010-12-01 to 2010-12-02; a backfill with ${told} loads them again`,
  );
  report.mockClear();
  tellUnknownSql([day('2010-12-04', 'aa')], { report, optionName: () => typed });
  expect(report).not.toHaveBeenCalled();
});
