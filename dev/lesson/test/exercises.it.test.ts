/** Each exercise: its start is not right, and its solution is; in a quick run only the first, which needs no Spark. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isQuick } from '@user-behaviour/faults/choice';
import { describe, expect, it } from 'vitest';
import { holds, judgementsOf } from '../src/exercises/exercise.ts';
import { exercises } from '../src/exercises/exercises.ts';
import { gradeOf } from '../src/exercises/report.ts';
import { applySolution } from '../src/solutions.ts';
import { openWorkshop } from '../src/workshop.ts';

const chosen = isQuick ? exercises.slice(0, 1) : exercises;
const root = join(import.meta.dirname, '../../..');
const page = join(root, 'docs/lesson/exercises.md');

describe.each(chosen)('exercise $number: $title', (exercise) => {
  const { number, services, judge } = exercise;

  it('is not right at its start, as docs/lesson/exercises.md shows', async () => {
    const judgements = await judgementsOf(exercise, root, () => openWorkshop(services));
    expect(judgements.filter((one) => !holds(one))).not.toEqual([]);
    expect(await readFile(page, 'utf8')).toContain(gradeOf(judgements));
  });

  it('is right with its solution', async () => {
    await using workshop = await openWorkshop(services);
    applySolution(number, workshop.folder);
    const judgements = await judge(workshop);
    expect(judgements.length).toBeGreaterThan(0);
    expect(judgements.filter((one) => !holds(one))).toEqual([]);
  });
});

describe.each(
  chosen.flatMap(({ number, services, start }) => (start ? [{ number, services, start }] : [])),
)('the start of exercise $number', ({ services, start }) => {
  it('shows each job that failed, in the output of the monitoring', async () => {
    await using workshop = await openWorkshop(services);
    const files = await start(workshop);
    expect(Object.keys(files)).toEqual(['status.txt', 'health.txt', 'runs.txt', 'page.html']);
    for (const job of ['extract-purchases', 'stage-reviews']) {
      expect(files['runs.txt']).toMatch(new RegExp(`${job}.*failed`));
    }
    expect(files['page.html']).toContain('</html>');
  });
});
