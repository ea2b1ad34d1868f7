import { describe, expect, it } from 'vitest';
import { Failure } from '../failure.ts';
import { DayNotes, messageWithoutValues, type Notes, notesOf } from './day-record.ts';

describe('the notes of a day', () => {
  it('keep facts, the last value of each', () => {
    const notes = new DayNotes();
    notes.note({ stepId: 's-1', clusterId: 'j-1' });
    notes.note({ stepId: 's-2' });
    expect(notes.facts).toEqual({ stepId: 's-2', clusterId: 'j-1' });
  });

  it('time a phase and return its result', async () => {
    const notes = new DayNotes();
    const work = (note: Notes['note']) => {
      note({ stepId: 's-1' });
      return Promise.resolve(7);
    };
    expect(await notes.phase('spark', work, { key: 'k' })).toBe(7);
    expect(notes.phases).toEqual([
      {
        name: 'spark',
        startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        seconds: expect.any(Number) as number,
        facts: { key: 'k', stepId: 's-1' },
      },
    ]);
  });

  it('keep a phase that throws', async () => {
    const notes = new DayNotes();
    const work = () => Promise.reject(new Error('no'));
    await expect(notes.phase('copy', work)).rejects.toThrow('no');
    expect(notes.phases).toMatchObject([{ name: 'copy', failed: true }]);
    expect(notes.phases[0]).not.toHaveProperty('facts');
  });

  it('of shared work are on each of its days, and the work runs once', async () => {
    const days = [{ record: new DayNotes() }, { record: new DayNotes() }];
    const shared = notesOf(days);
    let runs = 0;
    shared.note({ clusterId: 'j-1' });
    await shared.phase('spark', (note) => {
      runs += 1;
      note({ stepId: 's-1' });
      return Promise.resolve();
    });
    expect(runs).toBe(1);
    for (const { record } of days) {
      expect(record.facts).toEqual({ clusterId: 'j-1' });
      expect(record.phases).toMatchObject([{ name: 'spark', facts: { stepId: 's-1' } }]);
    }
  });
});

describe('a message that is kept', () => {
  it('has no values if nobody expected the error', () => {
    const error = new Error('no customer 17850: {"email":"a@b.c"}, sold 2010-12-01');
    expect(messageWithoutValues(error)).not.toMatch(/17850|a@b/);
    expect(messageWithoutValues(error)).toContain('unexpected error: no customer');
  });

  it('is the one of the job otherwise', () => {
    const message = 's3://stages/movie_review/load/2010-12-01/_manifest.json does not exist';
    expect(messageWithoutValues(new Failure('not-ready', message))).toBe(message);
  });
});
