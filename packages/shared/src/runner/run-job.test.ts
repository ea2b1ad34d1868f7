import { describe, expect, it } from 'vitest';
import { fakeHost } from '../../test/fake-host.ts';
import { done, failing, jobOf } from '../../test/fake-job.ts';
import { Failure, type FailureKindName, failureKinds } from '../failure.ts';
import type { Day } from './job.ts';
import { runJob } from './run-job.ts';

const threeDays = '--ds=2010-12-01 --through=2010-12-03 --run-id=r';

describe('the order of the days', () => {
  const order = async (argv: string, work = {}) => {
    const host = fakeHost(argv);
    const runDay = () => Promise.resolve(done);
    const job = { ...jobOf({ runDay }), flags: { 'in-order': 'one by one' }, ...work };
    const exit = await runJob(job, host);
    return { exit, days: host.summaries().map(({ ds }) => ds), err: host.err.join('') };
  };

  it('is ascending, or descending with --newest-first', async () => {
    const days = ['2010-12-01', '2010-12-02', '2010-12-03'];
    expect(await order(`${threeDays} --parallel=1`)).toMatchObject({ exit: 0, days });
    const reversed = await order(`${threeDays} --parallel=1 --newest-first`);
    expect(reversed).toMatchObject({ exit: 0, days: days.reverse() });
  });

  it('cannot be reversed if each day depends on the previous one', async () => {
    const inOrder = { inOrderWith: 'in-order' };
    const refused = await order(`${threeDays} --in-order --newest-first`, inOrder);
    expect(refused).toMatchObject({ exit: 64, days: [] });
    expect(refused.err).toContain('--newest-first and --in-order exclude each other');
    expect(await order(`${threeDays} --in-order`, inOrder)).toMatchObject({ exit: 0 });
  });
});

describe('a day', () => {
  it('that succeeds ends with 0 and one line on stdout', async () => {
    const host = fakeHost('--ds=2010-12-01 --run-id=r');
    expect(await runJob(jobOf({ runDay: () => Promise.resolve(done) }), host)).toBe(0);
    expect(host.summaries()).toEqual([
      {
        job: 'some-job',
        ds: '2010-12-01',
        run: 'r',
        status: 'published',
        rows: 3,
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        seconds: expect.any(Number) as number,
        exit: 0,
      },
    ]);
  });

  it('has its ds, its run and a log that names both', async () => {
    const host = fakeHost('--ds=2010-12-01');
    const days: Day[] = [];
    const runDay = (day: Day) => {
      days.push(day);
      day.log.info('at work');
      return Promise.resolve(done);
    };
    await runJob(jobOf({ runDay }), host);
    expect(days[0]?.run).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{6}$/);
    expect(host.logged()).toMatchObject([
      { job: 'some-job', ds: '2010-12-01', run: days[0]?.run, msg: 'at work' },
    ]);
  });

  it.each(Object.keys(failureKinds) as FailureKindName[])(
    'that fails with %s ends with the exit code of the kind and reports it in log and summary',
    async (kind) => {
      const host = fakeHost('--ds=2010-12-01 --run-id=r');
      const { exit, action } = failureKinds[kind];
      expect(await runJob(jobOf({ runDay: failing(kind) }), host)).toBe(exit);
      expect(host.summaries()).toMatchObject([
        { ds: '2010-12-01', status: 'failed', kind, message: `a ${kind}`, action, exit },
      ]);
      expect(host.logged()).toMatchObject([{ kind, action, msg: `a ${kind}`, level: 50 }]);
    },
  );

  it('shows no stack trace unless LOG_STACK=1', async () => {
    const job = jobOf({ runDay: () => Promise.reject(new TypeError('no such thing')) });
    const host = fakeHost('--ds=2010-12-01');
    expect(await runJob(job, host)).toBe(70);
    expect(host.out.join('') + host.err.join('')).not.toMatch(/ at .*run-job/);
    const open = fakeHost('--ds=2010-12-01', { LOG_STACK: '1' });
    await runJob(job, open);
    expect(open.logged()[0]?.['stack']).toMatch(/^TypeError: no such thing\n +at /);
  });
});

describe('several days', () => {
  it('continue after a failed day, with one line each', async () => {
    const host = fakeHost(threeDays);
    const runDay = ({ ds }: Day) =>
      ds === '2010-12-02' ? failing('data')() : Promise.resolve(done);
    expect(await runJob(jobOf({ runDay }), host)).toBe(65);
    const lines = host.summaries().map(({ ds, exit }) => [ds, exit]);
    expect(lines.sort()).toEqual([
      ['2010-12-01', 0],
      ['2010-12-02', 65],
      ['2010-12-03', 0],
    ]);
  });

  it('end with the most severe exit code', async () => {
    const host = fakeHost(threeDays);
    const kinds: Record<string, FailureKindName> = {
      '2010-12-01': 'transient',
      '2010-12-02': 'configuration',
      '2010-12-03': 'data',
    };
    const runDay = ({ ds }: Day) => failing(kinds[ds] ?? 'bug')();
    expect(await runJob(jobOf({ runDay }), host)).toBe(78);
  });

  it.each([1, 2, 7])('run at most %d at a time', async (parallel) => {
    const host = fakeHost(`--ds=2010-12-01 --through=2010-12-10 --parallel=${String(parallel)}`);
    let [now, most] = [0, 0];
    const runDay = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      now -= 1;
      return done;
    };
    expect(await runJob(jobOf({ runDay }), host)).toBe(0);
    expect(most).toBe(parallel);
    expect(host.summaries()).toHaveLength(10);
  });
});

describe('a batch', () => {
  it('has the size that the job specifies, and each of its days is reported separately', async () => {
    const host = fakeHost(`${threeDays} --parallel=1`);
    const sizes: number[] = [];
    const job = jobOf({
      runBatch: {
        size: 2,
        run: (days, reportDay) => {
          sizes.push(days.length);
          for (const { ds } of days) reportDay(ds, done);
          return Promise.resolve();
        },
      },
    });
    expect(await runJob(job, host)).toBe(0);
    expect(sizes).toEqual([2, 1]);
    expect(host.summaries().map(({ ds }) => ds)).toEqual([
      '2010-12-01',
      '2010-12-02',
      '2010-12-03',
    ]);
  });

  it('that fails makes only the unreported days fail', async () => {
    const host = fakeHost(threeDays);
    const job = jobOf({
      runBatch: {
        size: 3,
        run: (days, reportDay) => {
          const [first] = days;
          if (first !== undefined) reportDay(first.ds, done);
          return failing('transient')();
        },
      },
    });
    expect(await runJob(job, host)).toBe(75);
    expect(host.summaries().map(({ exit }) => exit)).toEqual([0, 75, 75]);
  });

  it('that omits a day is a bug, and only the first result of a day counts', async () => {
    const host = fakeHost(threeDays);
    const job = jobOf({
      runBatch: {
        size: 3,
        run: (days, reportDay) => {
          for (const { ds } of days.slice(1)) {
            reportDay(ds, { error: new Failure('data', 'x') });
            reportDay(ds, done);
          }
          return Promise.resolve();
        },
      },
    });
    expect(await runJob(job, host)).toBe(70);
    expect(host.summaries().map(({ ds, exit }) => [ds, exit])).toEqual([
      ['2010-12-02', 65],
      ['2010-12-03', 65],
      ['2010-12-01', 70],
    ]);
  });
});
