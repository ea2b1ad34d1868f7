import { parseDs } from '@user-behaviour/shared/ds';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import yargs from 'yargs';
import { optionNames } from '../command-line/option-names.ts';
import type * as JobCommand from '../run/job-command.ts';
import { runDays } from '../run/work.ts';
import { eraseCommand, jobsToLeave } from './erase-command.ts';
import { findCustomer, type Trace } from './find-customer.ts';
import { removeReplacedRuns } from './remove-runs.ts';

vi.mock('../world/world.ts', () => ({
  requireLocalCloud: () => Promise.resolve(),
  tellWorld: () => Promise.resolve('the moon'),
}));
vi.mock('../run/job-command.ts', async (original) => ({
  ...(await original<typeof JobCommand>()),
  requireJobs: () => Promise.resolve(),
}));
vi.mock('../run/running-mark.ts', () => ({
  markRunning: () => ({ [Symbol.dispose]: () => undefined }),
}));
vi.mock('../run/shell-settings.ts', () => ({ tellShellSettings: () => Promise.resolve([]) }));
vi.mock('../run/work.ts', () => ({ runDays: vi.fn<typeof runDays>() }));
vi.mock('./find-customer.ts', () => ({ findCustomer: vi.fn<typeof findCustomer>() }));
vi.mock('./remove-runs.ts', () => ({ removeReplacedRuns: vi.fn<typeof removeReplacedRuns>() }));
vi.mock('./require-gone.ts', () => ({
  requireGoneAtSource: () => Promise.resolve(),
  requireGoneInReviews: () => Promise.resolve(),
}));

describe('an erasure', () => {
  it.each([
    ['of a loaded day with both', ['purchases', 'reviews', 'customers'], true, []],
    ['of purchases alone', ['purchases'], true, ['stage-reviews', 'emr-clean']],
    ['of reviews alone', ['reviews'], true, ['extract-purchases']],
    [
      'of a metric that was not loaded again',
      ['customers'],
      true,
      ['extract-purchases', 'stage-reviews', 'emr-clean'],
    ],
    [
      'of purchases that wait for their reviews',
      ['purchases'],
      false,
      ['stage-reviews', 'emr-clean', 'redshift-load'],
    ],
  ] as const)('%s runs no other jobs', (_, rows, isLoaded, left) => {
    expect(jobsToLeave(rows.map((one) => ({ rows: one, isLoaded })))).toEqual(left);
  });
});

describe('an erasure after its jobs', () => {
  const trace = (day: string, rows: Trace['rows']): Trace => ({
    ...{ ds: parseDs(day), where: `${rows}/`, rows, isPublished: true, isLoaded: true },
  });
  // Two days that leave different jobs.
  const traces = [trace('2010-12-01', 'purchases'), trace('2010-12-02', 'reviews')];
  const end = vi.fn<(exit: number) => void>();

  beforeEach(() => {
    vi.resetAllMocks();
    vi.mocked(removeReplacedRuns).mockResolvedValue([]);
    vi.mocked(findCustomer).mockResolvedValueOnce({ traces, unread: [] });
  });

  async function erased(exits: readonly number[], remaining: readonly Trace[] = []) {
    for (const exit of exits) vi.mocked(runDays).mockResolvedValueOnce(exit);
    vi.mocked(findCustomer).mockResolvedValueOnce({ traces: remaining, unread: [] });
    const shell = {
      env: { PIPELINE_BUCKET: 'stages', AWS_REGION: 'eu-west-1', REDSHIFT_DATABASE: 'dev' },
      ...{ report: vi.fn(), print: vi.fn(), end, resultWidth: undefined },
      stopSignal: () => new AbortController().signal,
      optionName: optionNames({}),
    };
    await eraseCommand(yargs().fail(false), shell).parseAsync('erase --customer=17850 --yes');
  }

  it('removes the replaced runs if a job could not write its report, and says so', async () => {
    await erased([74, 0]);
    expect(runDays).toHaveBeenCalledTimes(2);
    expect(removeReplacedRuns).toHaveBeenCalledOnce();
    expect(end).toHaveBeenCalledExactlyOnceWith(74);
  });

  it('ends with what is left rather than with a lost report', async () => {
    await erased([0, 74], [{ ...trace('2010-12-01', 'purchases'), isPublished: false }]);
    expect(end).toHaveBeenCalledExactlyOnceWith(75);
  });

  it('removes nothing if a job failed', async () => {
    await erased([75]);
    expect(runDays).toHaveBeenCalledOnce();
    expect(removeReplacedRuns).not.toHaveBeenCalled();
    expect(end).toHaveBeenCalledExactlyOnceWith(75);
  });
});
