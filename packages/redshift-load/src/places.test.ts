import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Places } from './places.ts';

describe('places', () => {
  it('let in as many as there are, in order, and the next when one is given back, also by a failure', async () => {
    const places = new Places(2);
    const works = Array.from({ length: 4 }, () => Promise.withResolvers<undefined>());
    const begun: number[] = [];
    const ends = works.map(({ promise }, index) =>
      places
        .take(() => {
          begun.push(index);
          return promise;
        })
        .catch(() => 'failed'),
    );
    await turn();
    expect(begun).toEqual([0, 1]);
    works[1]?.reject(new Error('no'));
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    for (const { resolve } of works) resolve(undefined);
    expect(await Promise.all(ends)).toEqual([undefined, 'failed', undefined, undefined]);
    expect(begun).toEqual([0, 1, 2, 3]);
  });
});
