import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { statementDeadline, withStatementDeadline } from './deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = () => new Promise<string>(() => undefined);

describe('withStatementDeadline', () => {
  it('returns the result of a call that ends in time, and leaves no timer', async () => {
    expect(await withStatementDeadline('begin', 1_000, () => Promise.resolve('yes'))).toBe('yes');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('throws a transient failure 5 s after the statement timeout', async () => {
    const limit = statementDeadline(3_000);
    const waiting = expect(withStatementDeadline('begin', limit, never)).rejects.toMatchObject({
      kind: 'transient',
      message: 'could not begin: no answer within 8 s',
    });
    await vi.advanceTimersByTimeAsync(8_000);
    await waiting;
  });
});
