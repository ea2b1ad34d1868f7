import { daysFrom, type Ds, parseDs } from '@user-behaviour/shared/ds';
import { expect, it, vi } from 'vitest';
import { readSettings } from './job-settings.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const [from, to] = [parseDs('2010-12-01'), parseDs('2010-12-09')];
const days = daysFrom(from, to);

/** The settings of the days, and for which days each job was asked. */
async function asked(of: (ds: Ds) => Readonly<Record<string, number | string>>) {
  const calls: string[] = [];
  const settings = await readSettings(days, { of }, (job, ds) => {
    calls.push(`${job} ${ds}`);
    return Promise.resolve({ told: ds });
  });
  return { calls: calls.sort(), settings };
}

it('asks each job that has parameters once if all days are alike', async () => {
  const { calls, settings } = await asked(() => ({ minQuantity: 2 }));
  expect(calls).toEqual(
    ['emr-clean', 'extract-purchases', 'redshift-load', 'stage-reviews'].map(
      (job) => `${job} ${from}`,
    ),
  );
  expect(settings(to)).toEqual({
    'extract-purchases': { told: from },
    'stage-reviews': { told: from },
    'emr-clean': { told: from },
    'redshift-load': { told: from },
  });
});

it('asks a job again only for days on which its parameters differ', async () => {
  const { calls, settings } = await asked((ds) => ({
    minQuantity: ds >= '2010-12-03' && ds <= '2010-12-05' ? 5 : 2,
    maxRejectedReviews: ds < '2010-12-09' ? 0.01 : 0.5,
  }));
  expect(calls).toEqual([
    'emr-clean 2010-12-01',
    'emr-clean 2010-12-09',
    'extract-purchases 2010-12-01',
    'extract-purchases 2010-12-03',
    'redshift-load 2010-12-01',
    'stage-reviews 2010-12-01',
  ]);
  const told = days.map((ds) => settings(ds)['extract-purchases']['told']);
  expect(told).toEqual([
    from,
    from,
    ...Array<Ds>(3).fill(parseDs('2010-12-03')),
    from,
    from,
    from,
    from,
  ]);
  expect(settings(to)['emr-clean']).toEqual({ told: to });
});
