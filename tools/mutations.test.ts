import { describe, expect, it } from 'vitest';
import { mutate } from './mutation/mutation.ts';
import { mutations } from './mutation/mutations.ts';
import { paths, text } from './workspace-files.ts';

describe('the mutations', () => {
  it('each name a different guard', () => {
    const guards = mutations.map(({ guard }) => guard);
    expect(new Set(guards).size).toBe(guards.length);
    expect(guards.length).toBeGreaterThanOrEqual(25);
  });

  it.each(mutations)('$guard: still fits the source, and its test is there', (mutation) => {
    const source = text(mutation.file);
    expect(mutate(source, mutation)).not.toBe(source);
    expect(paths(mutation.caughtBy)).toEqual([mutation.caughtBy]);
    if (mutation.named !== undefined) {
      expect(text(mutation.caughtBy)).toContain(mutation.named);
    }
  });
});
