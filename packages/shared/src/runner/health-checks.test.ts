import { describe, expect, it } from 'vitest';
import { fakeHost } from '../../test/fake-host.ts';
import { done, jobOf } from '../../test/fake-job.ts';
import { type Finding, type HealthCheck, runChecks, withCleanup } from './health-checks.ts';
import { Failure } from '../failure.ts';
import { runJob } from './run-job.ts';

const good: HealthCheck = { name: 'good', run: () => Promise.resolve({ found: 'all well' }) };
const doubtful: HealthCheck = {
  name: 'doubtful',
  run: () => Promise.resolve({ found: 'old', advice: 'update it' }),
};
const bad = (name: string, failure: Error): HealthCheck => ({
  name,
  run: () => Promise.reject(failure),
});

describe('runChecks', () => {
  it('runs every check and returns the most severe exit code', async () => {
    const findings: Finding[] = [];
    const exit = await runChecks(
      [
        bad('busy', new Failure('transient', 'no answer', { action: 'wait' })),
        doubtful,
        bad('wrong', new Failure('configuration', 'no such bucket', { action: 'create it' })),
        good,
      ],
      (finding) => findings.push(finding),
    );
    expect(exit).toBe(78);
    expect(findings).toEqual([
      { check: 'busy', result: 'FAIL', found: 'no answer', action: 'wait', exit: 75 },
      { check: 'doubtful', result: 'warn', found: 'old', action: 'update it', exit: 0 },
      { check: 'wrong', result: 'FAIL', found: 'no such bucket', action: 'create it', exit: 78 },
      { check: 'good', result: 'ok', found: 'all well', exit: 0 },
    ]);
    expect(await runChecks([good, doubtful], () => undefined)).toBe(0);
    expect(await runChecks([bad('odd', new TypeError('no such thing'))], () => undefined)).toBe(70);
  });
});

describe('--check', () => {
  const runDay = () => Promise.resolve(done);

  it('needs no day, processes none, and closes after the last check', async () => {
    const host = fakeHost('--check');
    let open = true;
    const slow: HealthCheck = {
      name: 'slow',
      run: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return { found: open ? 'still open' : 'closed too early' };
      },
    };
    const healthChecks = () =>
      Promise.resolve({
        checks: [slow],
        [Symbol.asyncDispose]: () => {
          open = false;
          return Promise.resolve();
        },
      });
    expect(await runJob({ ...jobOf({ runDay }), healthChecks }, host)).toBe(0);
    expect(open).toBe(false);
    expect(host.summaries()).toEqual([
      {
        job: 'some-job',
        check: 'configuration',
        result: 'ok',
        found: '1 variables, version 1.2.3',
        exit: 0,
      },
      { job: 'some-job', check: 'slow', result: 'ok', found: 'still open', exit: 0 },
    ]);
  });

  it('stops at a wrong configuration', async () => {
    const host = fakeHost('--check', { BUCKET: undefined });
    expect(await runJob(jobOf({ runDay }), host)).toBe(78);
    expect(host.summaries()).toMatchObject([
      { check: 'configuration', result: 'FAIL', exit: 78, found: 'BUCKET is missing (a bucket)' },
    ]);
  });
});

describe('withCleanup', () => {
  const checkFails = () => Promise.reject(new Error('permission is missing'));
  const cleanUpFails = () => Promise.reject(new Error('it still exists'));

  it.each([
    ['the check', checkFails, () => Promise.resolve(), 'permission is missing'],
    ['the cleanup', () => Promise.resolve('found'), cleanUpFails, 'it still exists'],
    ['both', checkFails, cleanUpFails, 'permission is missing'],
  ] as const)('cleans up once if %s fails', async (_, check, cleanUp, message) => {
    let cleanUps = 0;
    const counted = () => {
      cleanUps += 1;
      return cleanUp();
    };
    await expect(withCleanup<unknown>(check, counted)).rejects.toThrow(message);
    expect(cleanUps).toBe(1);
  });

  it('cleans up after the check and returns its result', async () => {
    const order: string[] = [];
    const result = await withCleanup(
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push('check');
        return 'found';
      },
      () => Promise.resolve(order.push('cleanup')),
    );
    expect([result, ...order]).toEqual(['found', 'check', 'cleanup']);
  });
});
