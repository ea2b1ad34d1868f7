import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDeadline, withDeadline } from './deadline.ts';

describe('withDeadline', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const late = () => new Error('too late');
  const never = () => new Promise<never>(() => undefined);

  it('rejects a call that takes longer and clears the timer of one that does not', async () => {
    const ended = expect(withDeadline(1_000, late, never)).rejects.toThrow('too late');
    await vi.advanceTimersByTimeAsync(1_000);
    await ended;
    expect(await withDeadline(1_000, late, () => Promise.resolve('done'))).toBe('done');
    await expect(
      withDeadline(1_000, late, () => Promise.reject(new Error('refused'))),
    ).rejects.toThrow('refused');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sets no timer without a deadline', () => {
    using _none = startDeadline(undefined, () => undefined);
    void withDeadline(undefined, late, never);
    expect(vi.getTimerCount()).toBe(0);
  });
});
