import { expect, it } from 'vitest';
import { otherWork, quietMachine } from './quiet-machine.ts';

const { signal } = new AbortController();

function machine(shares: readonly number[], patience: number) {
  const left = [...shares];
  const lines: string[] = [];
  const slept: number[] = [];
  const quiet = quietMachine({
    ...{ patience, signal },
    log: (line) => lines.push(line),
    watch: () => Promise.resolve(left.shift() ?? 0.9),
    sleep: (milliseconds) => Promise.resolve(slept.push(milliseconds)),
  });
  return { quiet, left, lines, slept };
}

it('does not wait on a quiet machine', async () => {
  const { quiet, lines } = machine([0.02], 60);
  expect(await quiet()).toBe(0.02);
  expect(lines).toEqual([]);
});

it('waits until others have ended', async () => {
  const { quiet, left, lines, slept } = machine([0.8, 0.7, 0.05, 0.6], 60);
  expect(await quiet()).toBe(0.05);
  expect([slept, left]).toEqual([[2_000, 2_000], [0.6]]);
  expect(lines).toEqual(['waiting for a quiet machine: others use 80 % of it']);
});

it('loses its patience once, and then only says how busy the machine is', async () => {
  const { quiet, slept } = machine([], 10);
  expect(await quiet()).toBe(0.9);
  expect(slept).toHaveLength(4);
  expect(await quiet()).toBe(0.9);
  expect(slept).toHaveLength(4);
});

it.each([
  ['all of it', [{ idle: 0, user: 50 }], 1],
  ['a part of it', [{ idle: 30, user: 10 }, { idle: 40 }], 1 / 8],
  ['nothing, where the system does not count', [{}], 0],
])('others use %s', async (_, passed, share) => {
  const zero = { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 };
  const looks = [passed.map(() => zero), passed.map((times) => ({ ...zero, ...times }))];
  const processors = () => (looks.shift() ?? []).map((times) => ({ times }));
  expect(await otherWork(signal, processors)).toBe(share);
});
