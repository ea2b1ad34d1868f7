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

describe('checks', () => {
  it('are all done, whatever fails, and end with the most severe exit code', async () => {
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

  it('does no day, needs none, and lets go only when the last check has ended', async () => {
    const host = fakeHost('--check');
    let open = true;
    const slow: HealthCheck = {
      name: 'slow',
      run: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return { found: open ? 'still open' : 'let go too early' };
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

  it('ends with what is wrong in the configuration', async () => {
    const host = fakeHost('--check', { BUCKET: undefined });
    expect(await runJob(jobOf({ runDay }), host)).toBe(78);
    expect(host.summaries()).toMatchObject([
      { check: 'configuration', result: 'FAIL', exit: 78, found: 'BUCKET is missing (a bucket)' },
    ]);
  });
});

describe('what is undone after a look', () => {
  const lookFails = () => Promise.reject(new Error('the right is missing'));
  const undoFails = () => Promise.reject(new Error('it is still there'));

  it.each([
    ['the look', lookFails, () => Promise.resolve(), 'the right is missing'],
    ['the undoing', () => Promise.resolve('seen'), undoFails, 'it is still there'],
    ['both', lookFails, undoFails, 'the right is missing'],
  ] as const)('is undone once, and %s may fail', async (_, look, undo, told) => {
    let undone = 0;
    const counted = () => {
      undone += 1;
      return undo();
    };
    await expect(withCleanup<unknown>(look, counted)).rejects.toThrow(told);
    expect(undone).toBe(1);
  });

  it('is undone when the look has ended, and what it saw is told', async () => {
    const order: string[] = [];
    const seen = await withCleanup(
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        order.push('look');
        return 'seen';
      },
      () => Promise.resolve(order.push('undo')),
    );
    expect([seen, ...order]).toEqual(['seen', 'look', 'undo']);
  });
});
