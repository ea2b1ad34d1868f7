import { expect, it } from 'vitest';
import { Lazy } from './lazy.ts';

function counted(outcomes: readonly ('opens' | 'fails')[]) {
  const seen = { opened: 0, closed: 0 };
  const queue = outcomes.values();
  const open = () => {
    seen.opened += 1;
    if (queue.next().value === 'fails') return Promise.reject(new Error('closed today'));
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        seen.closed += 1;
        return Promise.resolve();
      },
    });
  };
  return { seen, needed: new Lazy(open) };
}

it('opens nothing that nobody asks for', async () => {
  const { seen, needed } = counted([]);
  await needed[Symbol.asyncDispose]();
  expect(seen).toEqual({ opened: 0, closed: 0 });
});

it('opens once for all who ask, and closes it', async () => {
  const { seen, needed } = counted(['opens']);
  const [one, other] = await Promise.all([needed.get(), needed.get()]);
  expect(one).toBe(other);
  await needed[Symbol.asyncDispose]();
  expect(seen).toEqual({ opened: 1, closed: 1 });
});

it('tries again after a failure, and has nothing to close until then', async () => {
  const { seen, needed } = counted(['fails', 'opens']);
  await expect(needed.get()).rejects.toThrow('closed today');
  await needed.get();
  await needed[Symbol.asyncDispose]();
  expect(seen).toEqual({ opened: 2, closed: 1 });
  const failed = counted(['fails']);
  await Promise.all([
    expect(failed.needed.get()).rejects.toThrow('closed today'),
    failed.needed[Symbol.asyncDispose](),
  ]);
  expect(failed.seen).toEqual({ opened: 1, closed: 0 });
});
