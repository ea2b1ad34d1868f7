import { describe, expect, it, vi } from 'vitest';
import { fakeHost } from '../../test/fake-host.ts';
import { done, failing, jobOf } from '../../test/fake-job.ts';
import type { Day } from './job.ts';
import { runJob } from './run-job.ts';

const threeDays = '--ds=2010-12-01 --through=2010-12-03 --run-id=r';

describe('at the start', () => {
  it('a wrong command line is reported as text, and the job is not opened', async () => {
    const host = fakeHost('--ds=2010-02-30');
    const job = jobOf(() => {
      throw new Error('opened');
    });
    expect(await runJob(job, host)).toBe(64);
    expect(host.out).toEqual([]);
    expect(host.err.join('')).toBe(
      'some-job: --ds must be a real day such as 2010-12-01, not "2010-02-30"\ncorrect the command line; see --help\n',
    );
  });

  it('missing variables are reported', async () => {
    const host = fakeHost('--ds=2010-12-01', { BUCKET: undefined });
    expect(await runJob(jobOf({ runDay: () => Promise.resolve(done) }), host)).toBe(78);
    expect(host.logged()).toMatchObject([{ msg: 'BUCKET is missing (a bucket)' }]);
  });

  it('the environment can name the day', async () => {
    const host = fakeHost('--run-id=r', { KUBERNETES_JOB_NAME: 'some-job-29402895' });
    expect(await runJob(jobOf({ runDay: () => Promise.resolve(done) }), host)).toBe(0);
    expect(host.summaries()).toMatchObject([{ ds: '2025-11-25', exit: 0 }]);
  });

  it('an unknown LOG_LEVEL is reported', async () => {
    const host = fakeHost('--ds=2010-12-01', { LOG_LEVEL: 'chatty' });
    expect(await runJob(jobOf({ runDay: () => Promise.resolve(done) }), host)).toBe(78);
    expect(host.err.join('')).toContain('LOG_LEVEL is wrong');
  });

  it('help and version go to stdout', async () => {
    const host = fakeHost('--help');
    expect(await runJob(jobOf({}), host)).toBe(0);
    expect(host.out.join('')).toContain('Does some work.');
    expect(host.err).toEqual([]);
  });

  it('a job that cannot be opened fails', async () => {
    const host = fakeHost('--ds=2010-12-01');
    const job = { ...jobOf({}), open: failing('transient') };
    expect(await runJob(job, host)).toBe(75);
    expect(host.logged()).toMatchObject([{ msg: 'a transient' }]);
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s stops the work and ends with 143', async (signal) => {
    const host = fakeHost(`${threeDays} --parallel=1`);
    let begun = 0;
    const job = jobOf((session) => ({
      runDay: () => {
        begun += 1;
        host.raise(signal);
        return Promise.reject(new Error(session.signal.aborted ? 'cancelled' : 'not stopped'));
      },
    }));
    expect(await runJob(job, host)).toBe(143);
    expect(begun).toBe(1);
    expect(host.summaries()).toMatchObject(
      ['2010-12-01', '2010-12-02', '2010-12-03'].map((ds) => ({
        ds,
        kind: 'interrupted',
        message: `stopped by ${signal}`,
        exit: 143,
      })),
    );
  });

  it('during the opening of the job ends with 143 even if the opening fails', async () => {
    const host = fakeHost('--ds=2010-12-01');
    const job = {
      ...jobOf({}),
      open: () => {
        host.raise('SIGTERM');
        return failing('transient')();
      },
    };
    expect(await runJob(job, host)).toBe(143);
  });

  it('does not fail a day that succeeds', async () => {
    const host = fakeHost('--ds=2010-12-01');
    const runDay = () => {
      host.raise('SIGTERM');
      return Promise.resolve(done);
    };
    expect(await runJob(jobOf({ runDay }), host)).toBe(0);
  });

  it('ends the process if the work does not stop in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const host = fakeHost('--ds=2010-12-01');
      const runDay = () => {
        host.raise('SIGTERM');
        host.raise('SIGTERM');
        vi.advanceTimersByTime(30_000);
        return Promise.resolve(done);
      };
      await runJob(jobOf({ runDay }), host);
      expect(host.exits).toEqual([143]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('at the end', () => {
  it('the job is closed, even after a failure', async () => {
    const disposed = vi.fn(() => Promise.resolve());
    await runJob(jobOf({ runDay: () => Promise.resolve(done) }, disposed), fakeHost(threeDays));
    await runJob(jobOf({ runDay: failing('bug') }, disposed), fakeHost(threeDays));
    expect(disposed).toHaveBeenCalledTimes(2);
  });
});

describe('a report that cannot be written', () => {
  const days = (failed: string[] = []) => {
    const begun: string[] = [];
    const disposed = vi.fn(() => Promise.resolve());
    const runDay = ({ ds, log }: Day) => {
      begun.push(ds);
      log.info('at work');
      return failed.includes(ds) ? failing('data')() : Promise.resolve(done);
    };
    return { begun, disposed, job: jobOf({ runDay }, disposed) };
  };

  it.each(['stdout', 'stderr'] as const)('to %s ends with 74 after all days', async (stream) => {
    const { begun, disposed, job } = days();
    expect(await runJob(job, fakeHost(threeDays, {}, [stream]))).toBe(74);
    expect(begun).toHaveLength(3);
    expect(disposed).toHaveBeenCalledOnce();
  });

  it('is told in the log', async () => {
    const host = fakeHost(threeDays, {}, ['stdout']);
    await runJob(days().job, host);
    expect(host.logged().slice(3)).toMatchObject([
      { kind: 'report-lost', msg: 'stdout could not be written: ENOSPC: no space left on device' },
    ]);
  });

  it('does not hide a failure', async () => {
    const { begun, job } = days(['2010-12-01']);
    expect(await runJob(job, fakeHost(threeDays, {}, ['stdout', 'stderr']))).toBe(65);
    expect(begun).toHaveLength(3);
    expect(await runJob(job, fakeHost('--ds=never', {}, ['stderr']))).toBe(64);
  });

  it.each(['--help', '--check'])('may be that of %s', async (argument) => {
    expect(await runJob(days().job, fakeHost(argument, {}, ['stdout']))).toBe(74);
  });
});
