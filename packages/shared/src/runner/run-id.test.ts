import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { newRunId, parseRunId, runTime } from './run-id.ts';

describe('a run ID', () => {
  it('starts with the time of the attempt', () => {
    expect(newRunId(new Date('2010-12-02T00:15:00.123Z'))).toMatch(
      /^20101202T001500Z-[0-9a-f]{6}$/,
    );
  });

  it('sorts by time and differs between two attempts at the same time', () => {
    const moment = new Date('2010-12-02T00:15:00Z');
    expect(newRunId(moment)).not.toBe(newRunId(moment));
    expect(newRunId(moment) < newRunId(new Date('2010-12-02T00:15:01Z'))).toBe(true);
  });

  it('contains the time only if newRunId made it', () => {
    const moment = new Date('2010-12-02T00:15:00Z');
    expect(runTime(newRunId(moment))).toBe(moment.getTime());
    for (const other of ['', 'r1', '20101202', '20109902T001500Z-3f9c2a', 'x20101202T001500Z-a']) {
      expect(runTime(other)).toBeUndefined();
    }
  });

  it('passes its own validation', () => {
    const run = newRunId(new Date());
    expect(parseRunId(run)).toBe(run);
  });

  it.each(['', '-x', '../x', 'a/b', 'a b', "a'b", 'a_b', 'é', 'x'.repeat(64), 'a\n'])(
    'cannot be %j, which is unsafe in a key, a path or a step name',
    async (text) => {
      const failure = await failureOf(() => parseRunId(text));
      expect(failure.exit).toBe(64);
      expect(failure.message).toContain('--run-id must be');
    },
  );

  it('can be as long as a Kubernetes name', () => {
    expect(parseRunId('x'.repeat(63))).toHaveLength(63);
  });
});
