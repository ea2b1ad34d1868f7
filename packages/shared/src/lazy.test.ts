import { describe, expect, it } from 'vitest';
import { Lazy } from './lazy.ts';

function lazyWith(outcomes: readonly ('opens' | 'fails')[]) {
  const counts = { opened: 0, closed: 0 };
  const queue = outcomes.values();
  const open = () => {
    counts.opened += 1;
    if (queue.next().value === 'fails') return Promise.reject(new Error('closed today'));
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        counts.closed += 1;
        return Promise.resolve();
      },
    });
  };
  return { counts, lazy: new Lazy(open) };
}

describe('Lazy', () => {
  it('opens nothing before the first use', async () => {
    const { counts, lazy } = lazyWith([]);
    await lazy[Symbol.asyncDispose]();
    expect(counts).toEqual({ opened: 0, closed: 0 });
  });

  it('opens once for all callers and closes once', async () => {
    const { counts, lazy } = lazyWith(['opens']);
    const [one, other] = await Promise.all([lazy.get(), lazy.get()]);
    expect(one).toBe(other);
    await lazy[Symbol.asyncDispose]();
    expect(counts).toEqual({ opened: 1, closed: 1 });
  });

  it('tries again after a failure and does not close what never opened', async () => {
    const { counts, lazy } = lazyWith(['fails', 'opens']);
    await expect(lazy.get()).rejects.toThrow('closed today');
    await lazy.get();
    await lazy[Symbol.asyncDispose]();
    expect(counts).toEqual({ opened: 2, closed: 1 });
    const failed = lazyWith(['fails']);
    await Promise.all([
      expect(failed.lazy.get()).rejects.toThrow('closed today'),
      failed.lazy[Symbol.asyncDispose](),
    ]);
    expect(failed.counts).toEqual({ opened: 1, closed: 0 });
  });
});
