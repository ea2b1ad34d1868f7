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
    { what: 'no-such-file.sh', expected: 'a file or folder', found: 'nothing' },
  ]);
});

const failed = (code: number | null, kind: string, message: string) =>
  new RunFailed('redshift-load --ds=2010-12-01', { code, summaries: [{ kind, message }], log: [] });

it('judges a run wrong that had to succeed, and says how it ended', async () => {
  const failure = failed(65, 'data', 'a column is missing');
  const exercise = { adds: 'exercise.ts', judge: () => Promise.reject(failure) };
  expect(
    await judgementsOf(exercise, import.meta.dirname, () => Promise.resolve(workshop)),
  ).toEqual([
    {
      what: 'redshift-load --ds=2010-12-01',
      expected: 'exit code 0',
      found: 'exit code 65: a column is missing',
    },
  ]);
});

it.each([
  ['a server that does not answer', failed(75, 'transient', 'no answer')],
  ['a signal', failed(null, '', '')],
  ['a signal that the job handles', failed(143, 'interrupted', 'stopped')],
])('judges nothing after %s', async (_, failure) => {
  const judged = judgementsOf({ judge: () => Promise.reject(failure) }, import.meta.dirname, () =>
    Promise.resolve(workshop),
  );
  await expect(judged).rejects.toBe(failure);
});

it('does not hide any other error of the judge', async () => {
  const exercise = { judge: () => Promise.reject(new Error('a fault of the judge')) };
  const judged = judgementsOf(exercise, import.meta.dirname, () => Promise.resolve(workshop));
  await expect(judged).rejects.toThrow('a fault of the judge');
});
