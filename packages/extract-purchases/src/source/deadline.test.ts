import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inTime, overdueAfter } from './deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = () => new Promise<string>(() => undefined);

describe('a call to the source', () => {
  it('that is answered in time gives its answer, and leaves no timer', async () => {
    expect(await inTime('begin', 1_000, () => Promise.resolve('yes'))).toBe('yes');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is never answered is transient once the source itself must have ended it', async () => {
    const limit = overdueAfter(3_000);
    const waiting = expect(inTime('begin', limit, never)).rejects.toMatchObject({
      kind: 'transient',
      message: 'could not begin: no answer within 8 s',
    });
    await vi.advanceTimersByTimeAsync(8_000);
    await waiting;
  });

  it('may take for ever where the source sets no limit', async () => {
    expect(overdueAfter(0)).toBeUndefined();
    void inTime('begin', overdueAfter(0), never);
    await Promise.resolve();
    expect(vi.getTimerCount()).toBe(0);
  });
});
