import { expect, it } from 'vitest';
import { Lazy } from './lazy.ts';

function counted(outcomes: readonly ('opens' | 'fails')[]) {
  const seen = { opened: 0, closed: 0 };
  const queue = outcomes.values();
  const open = () => {
    seen.opened += 1;
    if (queue.next().value === 'fails') return Promise.reject(new Error('connection refused'));
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        seen.closed += 1;
        return Promise.resolve();
      },
    });
  };
  return { seen, lazy: new Lazy(open) };
}

it('does not open a resource that is never requested', async () => {
  const { seen, lazy } = counted([]);
  await lazy[Symbol.asyncDispose]();
  expect(seen).toEqual({ opened: 0, closed: 0 });
});

it('opens once for concurrent callers and closes the resource', async () => {
  const { seen, lazy } = counted(['opens']);
  const [one, other] = await Promise.all([lazy.get(), lazy.get()]);
  expect(one).toBe(other);
  await lazy[Symbol.asyncDispose]();
  expect(seen).toEqual({ opened: 1, closed: 1 });
});

it('retries after a failed open, which leaves nothing to close', async () => {
  const { seen, lazy } = counted(['fails', 'opens']);
  await expect(lazy.get()).rejects.toThrow('connection refused');
  await lazy.get();
  await lazy[Symbol.asyncDispose]();
  expect(seen).toEqual({ opened: 2, closed: 1 });
  const failed = counted(['fails']);
  await Promise.all([
    expect(failed.lazy.get()).rejects.toThrow('connection refused'),
    failed.lazy[Symbol.asyncDispose](),
  ]);
  expect(failed.seen).toEqual({ opened: 1, closed: 0 });
});
