import { describe, expect, it } from 'vitest';
import { fakeHost } from '../../test/fake-host.ts';
import { done, failing, jobOf } from '../../test/fake-job.ts';
import { Failure } from '../failure.ts';
import type { DayRecord } from './day-record.ts';
import type { OpenJob } from './job.ts';
import { runJob } from './run-job.ts';

describe('a look back', () => {
  const lookingBack = (behind: OpenJob['behind'], runDay: OpenJob['runDay']) => ({
    ...jobOf({ behind, runDay } as OpenJob),
    looksBack: true,
  });

  it('is at the days before the range, once it is done, and processes those that it finds', async () => {
    const order: string[] = [];
    const job = lookingBack(
      (days) => {
        order.push(`look at ${days.map(({ ds }) => ds).join(' ')}`);
        return Promise.resolve(days.slice(1, 2).map(({ ds }) => ds));
      },
      ({ ds }) => {
        order.push(ds);
        return Promise.resolve(done);
      },
    );
    const host = fakeHost('--ds=2010-12-01 --look-back=3 --run-id=r');
    expect(await runJob(job, host)).toBe(0);
    const look = 'look at 2010-11-28 2010-11-29 2010-11-30';
    expect(order).toEqual(['2010-12-01', look, '2010-11-29']);
    expect(host.summaries().map(({ ds }) => ds)).toEqual(['2010-12-01', '2010-11-29']);

    await runJob(job, fakeHost('--ds=2010-12-01 --look-back=3 --dry-run'));
    await runJob(job, fakeHost('--ds=2010-12-01'));
    expect(order.filter((step) => step === look)).toHaveLength(1);
  });

  it.each([
    ['2010-11-30', 'data', 0],
    ['2010-11-30', 'transient', 75],
    ['2010-11-30', 'bug', 70],
    ['2010-12-01', 'data', 65],
  ] as const)('in which %s fails with %s ends with %d', async (bad, kind, exit) => {
    const host = fakeHost('--ds=2010-12-01 --look-back=3');
    const sent: DayRecord[] = [];
    const job = {
      ...jobOf({
        behind: (days) => Promise.resolve(days.slice(2).map(({ ds }) => ds)),
        runDay: ({ ds }) => (ds === bad ? failing(kind)() : Promise.resolve(done)),
        runRecord: {
          name: 'a sink',
          send: (records) => Promise.resolve(void sent.push(...records)),
        },
      }),
      looksBack: true,
    };
    expect(await runJob(job, host)).toBe(exit);
    // Whatever decides the exit code, the day has failed.
    const own = { data: 65, transient: 75, bug: 70 }[kind];
    for (const told of [host.summaries(), sent]) {
      expect(told.find(({ ds }) => ds === bad)).toMatchObject({ status: 'failed', exit: own });
    }
    expect(host.logged()).toMatchObject([{ level: 50, kind, ds: bad }]);
  });

  it('that fails ends the job with its exit code, after the days', async () => {
    const host = fakeHost('--ds=2010-12-01 --look-back=3');
    const behind = () => Promise.reject(new Failure('transient', 'no answer'));
    const job = lookingBack(behind, () => Promise.resolve(done));
    expect(await runJob(job, host)).toBe(75);
    expect(host.summaries()).toMatchObject([{ status: 'published', exit: 0 }]);
    expect(host.logged()).toMatchObject([{ kind: 'transient', msg: 'no answer' }]);
  });
});
