import { Failure } from '@user-behaviour/shared/failure';
import { describe, expect, it } from 'vitest';
import type { Garbage } from './garbage.ts';
import { sweepOutput } from './sweep-table.ts';

const lease: Garbage = { kind: 'lease', where: 'l', why: 'of x', etag: 'e', modified: 0 };
const run: Garbage = { kind: 'run', where: 'r/', why: 'y', objects: 2, bytes: 9, modified: 60_000 };

describe('the document of a sweep', () => {
  it('has what would be removed', () => {
    expect(sweepOutput([lease, run], 0).json()).toEqual({
      applied: false,
      garbage: [
        {
          ...{ kind: 'lease', where: 'l', why: 'of x', objects: null, bytes: null },
          ...{ modifiedAt: '1970-01-01T00:00:00.000Z', outcome: null },
        },
        {
          ...{ kind: 'run', where: 'r/', why: 'y', objects: 2, bytes: 9 },
          ...{ modifiedAt: '1970-01-01T00:01:00.000Z', outcome: null },
        },
      ],
    });
  });

  it('has what became of each', () => {
    const removals = [
      { garbage: lease, outcome: 'removed' as const },
      { garbage: run, outcome: new Failure('transient', 'no') },
    ];
    expect(sweepOutput([lease, run], 0, removals).json()).toMatchObject({
      applied: true,
      garbage: [{ outcome: 'removed' }, { outcome: 'FAILED' }],
    });
  });
});
