import { describe, expect, it } from 'vitest';
import { alternate } from './alternation.ts';

const options = { rounds: 4, slowFactor: 4, slowRounds: 2 };

describe('alternate', () => {
  it('goes round by round, in reverse order every other round', async () => {
    const order: string[] = [];
    await alternate(['a', 'b', 'c'], { ...options, rounds: 3 }, (name, round) => {
      order.push(`${name}${String(round)}`);
      return Promise.resolve({ wall: 1 });
    });
    expect(order.join(' ')).toBe('a0 b0 c0 c1 b1 a1 a2 b2 c2');
  });

  it('gives fewer runs to a candidate that is many times slower than the first', async () => {
    const walls: Record<string, number> = { base: 1, near: 3.9, slow: 4.1 };
    const results = await alternate(Object.keys(walls), options, (name) =>
      Promise.resolve({ wall: walls[name] ?? 0 }),
    );
    expect([...results].map(([name, runs]) => [name, runs.length])).toEqual([
      ['base', 4],
      ['near', 4],
      ['slow', 2],
    ]);
  });
});
