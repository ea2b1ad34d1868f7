import { expect, it } from 'vitest';
import { RunFailed } from '../stages.ts';
import { judgementsOf } from './exercise.ts';

const workshop = new AsyncDisposableStack();
const rows = { what: 'rows', expected: '27', found: '27' };

it('opens no workshop while the file that the learner adds is missing', async () => {
  const exercise = { adds: 'no-such-file.sh', judge: () => Promise.resolve([rows]) };
  const judgements = await judgementsOf(exercise, import.meta.dirname, () =>
    Promise.reject(new Error('opened')),
  );
  expect(judgements).toEqual([
    { what: 'no-such-file.sh', expected: 'is there', found: 'is missing' },
  ]);
});

it('judges a run wrong that had to succeed, and says how it ended', async () => {
  const failure = new RunFailed(
    'redshift-load --ds=2010-12-01',
    'ended with 65: a column is missing',
  );
  const exercise = { adds: 'exercise.ts', judge: () => Promise.reject(failure) };
  expect(
    await judgementsOf(exercise, import.meta.dirname, () => Promise.resolve(workshop)),
  ).toEqual([
    {
      what: 'redshift-load --ds=2010-12-01',
      expected: 'ended with 0',
      found: 'ended with 65: a column is missing',
    },
  ]);
});

it('does not hide any other error of the judge', async () => {
  const exercise = { judge: () => Promise.reject(new Error('a fault of the judge')) };
  const judged = judgementsOf(exercise, import.meta.dirname, () => Promise.resolve(workshop));
  await expect(judged).rejects.toThrow('a fault of the judge');
});
