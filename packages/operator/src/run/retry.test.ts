import { describe, expect, it, vi } from 'vitest';
import { type Ds, dsRange, parseDs } from '@user-behaviour/shared/ds';
import type { JobResult, Summary } from './job-process.ts';
import { retryable, type RetryPolicy, withRetries } from './retry.ts';

const days = dsRange(parseDs('2010-12-01'), parseDs('2010-12-04'));
const [one, two, three, four] = days as [Ds, Ds, Ds, Ds];

const told = (ds: Ds, exit: number, kind?: string): Summary => ({
  job: 'j',
  ds,
  run: 'r',
  status: exit === 0 ? 'published' : 'failed',
  exit,
  ...(kind === undefined ? {} : { kind }),
});
const result = (exit: number, ...summaries: Summary[]): JobResult => ({ exit, days: summaries });

describe('a day is worth a retry', () => {
  it('when it failed in passing or was stopped', () => {
    const ended = result(
      75,
      told(one, 75, 'transient'),
      told(two, 143, 'interrupted'),
      told(three, 0),
      told(four, 75, 'not-ready'),
    );
    expect(retryable(days, ended)).toEqual([one, two]);
  });

  it.each([
    [64, 'usage'],
    [65, 'data'],
    [70, 'bug'],
    [78, 'configuration'],
    [75, 'not-ready'],
  ])('never after %i %s', (exit, kind) => {
    expect(retryable([one], result(exit, told(one, exit, kind)))).toEqual([]);
  });

  it('when the process died before it told, and not when it refused to start', () => {
    expect(retryable(days, result(143, told(one, 0)))).toEqual([two, three, four]);
    expect(retryable(days, result(75))).toEqual(days);
    expect(retryable(days, result(78))).toEqual([]);
    expect(retryable(days, result(70, told(one, 0)))).toEqual([]);
    expect(retryable(days, result(0))).toEqual([]);
  });
});

/** Runs with these results in turn; no pause between two tries. */
async function run(
  results: readonly JobResult[],
  retries = 2,
  signal?: AbortSignal,
  manner: Pick<RetryPolicy, 'force' | 'order'> = { order: 'oldest-first' },
) {
  const given: (readonly Ds[])[] = [];
  const report = vi.fn<(line: string) => void>();
  const start = (pending: readonly Ds[]) => {
    given.push(pending);
    const next = results[given.length - 1];
    return next === undefined
      ? Promise.reject(new Error('started too often'))
      : Promise.resolve(next);
  };
  const outcome = await withRetries('some-job', days, start, {
    ...manner,
    retries,
    delay: 0,
    signal: signal ?? new AbortController().signal,
    report,
  });
  return { outcome, given, report };
}

const well = result(0, ...days.map((ds) => told(ds, 0)));

describe('a job with retries', () => {
  it('that goes well runs once', async () => {
    const { outcome, given, report } = await run([well]);
    expect(outcome).toEqual(well);
    expect(given).toEqual([days]);
    expect(report).not.toHaveBeenCalled();
  });

  it('runs again for the range of the days that need it, and says so', async () => {
    const first = result(
      75,
      told(one, 65, 'data'),
      told(two, 75, 'transient'),
      told(three, 0),
      told(four, 75, 'transient'),
    );
    const second = result(0, told(two, 0), told(three, 0), told(four, 0));
    const { outcome, given, report } = await run([first, second]);
    expect(given).toEqual([days, [two, three, four]]);
    expect(report.mock.calls.flat()).toEqual([
      'some-job ended with exit 75 for 2010-12-02, 2010-12-04; trying again in 0 s',
    ]);
    expect(outcome.exit).toBe(65);
    expect(outcome.days.map(({ exit }) => exit)).toEqual([65, 0, 0, 0]);
  });

  it('that is forced leaves out the days between that are done', async () => {
    const first = result(
      75,
      told(one, 75, 'transient'),
      told(two, 75, 'transient'),
      told(three, 0),
      told(four, 75, 'transient'),
    );
    const again = [result(75, told(one, 0), told(two, 75, 'transient')), result(0, told(four, 0))];
    const last = result(0, told(two, 0));
    const manner = { force: true, order: 'oldest-first' } as const;
    const { outcome, given } = await run([first, ...again, last], 2, undefined, manner);
    expect(given).toEqual([days, [one, two], [four], [two]]);
    expect(outcome.exit).toBe(0);
    const newest = await run([first, ...again.toReversed(), last], 2, undefined, {
      force: true,
      order: 'newest-first',
    });
    expect(newest.given).toEqual([days, [four], [one, two], [two]]);
  });

  it('names neighbours as a range', async () => {
    const failing = result(75, ...days.map((ds) => told(ds, 75, 'transient')));
    const { report } = await run([failing, well]);
    expect(report.mock.calls.flat()).toEqual([
      'some-job ended with exit 75 for 2010-12-01 to 2010-12-04; trying again in 0 s',
    ]);
  });

  it('is given up after the last retry, with the last word on each day', async () => {
    const failing = result(75, ...days.map((ds) => told(ds, 75, 'transient')));
    const { outcome, given } = await run([failing, failing, failing]);
    expect(given).toHaveLength(3);
    expect(outcome.exit).toBe(75);
  });

  it('that tells of no day at all ends with its own exit code', async () => {
    expect((await run([result(78)])).outcome).toEqual({ exit: 78, days: [] });
    expect((await run([result(143), result(143), result(143)])).outcome.exit).toBe(143);
  });

  it('that crashed after some days is not taken for done', async () => {
    const { outcome } = await run([result(70, told(one, 0))]);
    expect(outcome.exit).toBe(70);
  });

  it('stops retrying when it is stopped itself', async () => {
    const stopped = result(143, ...days.map((ds) => told(ds, 143, 'interrupted')));
    const { outcome, given } = await run([stopped], 2, AbortSignal.abort());
    expect(given).toHaveLength(1);
    expect(outcome.exit).toBe(143);
  });

  it('ends at once when it is stopped while it pauses', async () => {
    const stopping = new AbortController();
    const failing = result(75, ...days.map((ds) => told(ds, 75, 'transient')));
    let starts = 0;
    const running = withRetries(
      'some-job',
      days,
      () => {
        starts += 1;
        return Promise.resolve(starts === 1 ? failing : { exit: 143, days: [] });
      },
      {
        order: 'oldest-first',
        retries: 5,
        delay: 3_600_000,
        signal: stopping.signal,
        report: () => {
          stopping.abort();
        },
      },
    );
    expect((await running).exit).toBe(143);
  });
});
