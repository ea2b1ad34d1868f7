import { parseDs } from '@user-behaviour/shared/ds';
import { describe, expect, it } from 'vitest';
import { folderOf, isRemoval, orphanedFolders, removal, removes } from './hdfs-folders.ts';
import { applicationSteps } from './steps.ts';

/** The steps of an application of a run on these days. */
const stepsOf = (run: string, ...days: string[]) =>
  Object.values(
    applicationSteps({
      bucket: 'lake',
      run,
      days: days.map((day) => ({ ds: parseDs(day), loadRun: 'l', content: day })),
      script: 'scripts/a/x.py',
      maxRejected: 0.01,
    }),
  );

const folder = (steps: readonly { readonly args: readonly string[] }[]) =>
  folderOf(steps[0] ?? { args: [] }) ?? '';

describe('the folder of an application', () => {
  it('is in the arguments of each of its steps, and of no other', () => {
    const steps = stepsOf('r1', '2010-12-01', '2010-12-02');
    const folders = new Set(steps.map((step) => folderOf(step)));
    expect(folders.size).toBe(1);
    expect(folder(steps)).toMatch(/^hdfs:\/\/\/movie_review\/2010-12-01\/r1\/[0-9a-f]{12}$/);
    expect(folderOf({ args: ['s3-dist-cp', '--src=s3://lake/', '--dest=hdfs:///other/'] })).toBe(
      undefined,
    );
  });

  it('is removed by itself or with that of its run, and by no other step', () => {
    const steps = stepsOf('r1', '2010-12-01');
    const own = folder(steps);
    for (const one of [own, 'hdfs:///movie_review/2010-12-01/r1']) {
      expect(removes(removal('n', ['hdfs:///x', one]), own)).toBe(true);
    }
    for (const one of [`${own}/out`, 'hdfs:///movie_review/2010-12-01/r', 'hdfs:///x']) {
      expect(removes(removal('n', [one]), own)).toBe(false);
    }
    expect(steps.some((step) => isRemoval(step) || removes(step, own))).toBe(false);
  });
});

describe('what orphaned runs have left', () => {
  const holder = { run: 'r2', folder: folder(stepsOf('r2', '2010-12-01')) };
  const holdsFirst = { ...holder, holds: (ds: string) => ds === '2010-12-01' };

  it('is the folder of the run, if its first day is held', () => {
    expect(orphanedFolders(stepsOf('r1', '2010-12-01', '2010-12-02'), holdsFirst)).toEqual([
      'hdfs:///movie_review/2010-12-01/r1',
    ]);
  });

  it('is the folder of the application, if another run may hold its first day', () => {
    const steps = stepsOf('r1', '2010-11-30', '2010-12-01');
    expect(orphanedFolders(steps, holdsFirst)).toEqual([folder(steps)]);
  });

  it('is never what this application uses', () => {
    const other = stepsOf('r2', '2010-12-01', '2010-12-02');
    const steps = [...stepsOf('r2', '2010-12-01'), ...other, removal('x', ['hdfs:///a/b'])];
    expect(orphanedFolders(steps, holdsFirst)).toEqual([folder(other)]);
  });
});
