import { expect, it } from 'vitest';
import type { Entry } from '../result.ts';
import { figuresOfEntries } from './summarise.ts';

const entry = (kind: Entry['kind'], size: number, ...cpus: number[]): Entry => ({
  name: kind,
  ...{ kind, size },
  runs: cpus.map((cpu) => ({ wall: 9, cpu })),
});

const ratiosOf = (rows: number) =>
  figuresOfEntries('ratios', [
    entry('peer', 1_000, 0.3, 0.1),
    entry('ours', 1_000, 0.2, 0.9),
    entry('peer', 1_000_000, 0.5, 0.8),
    entry('ours', 1_000_000, 2, 0.2 + rows),
  ]).map(({ ratio }) => ratio?.toFixed(2));

it('ratios of CPU time are of the least disturbed runs, and those of the rows do not hide behind the start', () => {
  expect(ratiosOf(0.5)).toEqual(['1.00', '2.00', '1.00', '1.25']);
  expect(ratiosOf(1.5)).toEqual(['1.00', '2.00', '1.00', '3.75']);
});
