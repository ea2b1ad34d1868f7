import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { describe, expect, it } from 'vitest';
import type { SourceConnection } from '../source/connection.ts';
import { describeReplay, parseReplay, type Replay, requireReplayed } from './replay.ts';

const ds = parseDs('2012-03-01');
const at = (time: string) => Date.parse(`${time}Z`);
const end = at('2012-03-02T00:00:00');
const replica = (facts: Partial<Replay>): Replay => ({
  replica: true,
  now: at('2012-03-02T00:15:00'),
  replayed: null,
  heard: null,
  received: 500,
  position: 500,
  ...facts,
});

/** The failure of a day at a server that gives these answers, the last one for ever; undefined if there is none. */
async function failureAt(...answers: readonly Replay[]): Promise<Failure | undefined> {
  let asked = 0;
  const openTransaction = () => Promise.resolve([{ rows: [answers[asked++] ?? answers.at(-1)] }]);
  const { signal } = new AbortController();
  try {
    await requireReplayed({ openTransaction } as unknown as SourceConnection, ds, {
      signal,
      wait: 150,
    });
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

describe('a day at a replica', () => {
  it.each<[string, Partial<Replay>]>([
    ['a later commit has been replayed', { replayed: end }],
    ['an idle primary has sent a later message', { replayed: end - 1, heard: end }],
    ['the replica was restarted, and its primary is idle', { heard: end }],
    ['the server is a primary', { replica: false, received: null, position: null }],
    ['the log comes from an archive', { replayed: end, received: null }],
  ])('can be read if %s', async (_, facts) => {
    expect(await failureAt(replica(facts))).toBeUndefined();
  });

  it.each<[string, Partial<Replay>]>([
    ['the last commit is of the day', { replayed: end - 1 }],
    ['the last message is of the day', { replayed: end - 9_000, heard: end - 1 }],
    ['nothing is known', {}],
    ['its clock is slow', { now: end - 1, replayed: end - 60_000 }],
    ['it has received what it has not replayed', { replayed: end + 1, position: 499 }],
  ])('is refused for now if %s', async (_, facts) => {
    const failure = await failureAt(replica(facts));
    expect(failure).toMatchObject({ kind: 'transient', exit: 75 });
    expect(failure?.action).toContain('pg_read_all_stats');
  });

  it('is waited for a little, up to what the replica had received at first', async () => {
    const behind = replica({ replayed: end, position: 400 });
    const caughtUp = replica({ replayed: end, position: 500, received: 900 });
    expect(await failureAt(behind, caughtUp)).toBeUndefined();
  });

  it('is refused at a primary whose clock has not passed the day, and waited for a little', async () => {
    const slow = replica({ replica: false, received: null, position: null, now: end - 1 });
    expect(await failureAt(slow)).toMatchObject({
      exit: 75,
      message:
        'by the clock of the source it is 2012-03-01T23:59:59.999Z; 2012-03-01 ends at 2012-03-02T00:00:00.000Z',
    });
    expect(await failureAt(slow, { ...slow, now: end })).toBeUndefined();
  });

  it('is refused with both times', async () => {
    expect((await failureAt(replica({ replayed: at('2012-03-01T20:00:00') })))?.message).toBe(
      'the source is a replica that has replayed its primary up to 2012-03-01T20:00:00.000Z and has still to replay 0 bytes; 2012-03-01 ends at 2012-03-02T00:00:00.000Z',
    );
  });
});

describe('describeReplay', () => {
  const now = at('2012-03-02T00:15:00');

  it('names a primary, and the lag of a replica', () => {
    expect(describeReplay(replica({ replica: false }))).toEqual({ role: 'primary' });
    expect(describeReplay(replica({ replayed: now - 90_000, heard: now - 4_000 }))).toEqual({
      role: 'replica, 4 s behind (replayed up to 2012-03-02T00:14:56.000Z)',
    });
  });

  it('advises something about a replica that is a minute behind or does not tell', () => {
    const behind = describeReplay(replica({ replayed: now - 61_000 }));
    expect(behind.role).toContain('61 s behind');
    expect(behind.advice).toContain('pg_read_all_stats');
    const silent = describeReplay(replica({}));
    expect(silent.role).toBe('replica, lag unknown');
    expect(silent.advice).toContain('pg_read_all_stats');
  });
});

it('parseReplay rejects anything but a row of the query', () => {
  expect(() => parseReplay(undefined)).toThrow();
});
