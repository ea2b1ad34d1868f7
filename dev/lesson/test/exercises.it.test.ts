/** Each exercise: its start is not right, and its solution is; in a quick run only the first, which needs no Spark. */
import { isQuick } from '@user-behaviour/faults/choice';
import { describe, expect, it } from 'vitest';
import { holds } from '../src/exercises/exercise.ts';
import { exercises } from '../src/exercises/exercises.ts';
import { applySolution } from '../src/solutions.ts';
import { openWorkshop } from '../src/workshop.ts';

const chosen = isQuick ? exercises.slice(0, 1) : exercises;

describe.each(chosen)('exercise $number: $title', ({ number, services, judge }) => {
  it('is not right at its start', async () => {
    await using workshop = await openWorkshop(services);
    const judgements = await judge(workshop);
    expect(judgements.filter((one) => !holds(one))).not.toEqual([]);
  });

  it('is right with its solution', async () => {
    await using workshop = await openWorkshop(services);
    applySolution(number, workshop.folder);
    const judgements = await judge(workshop);
    expect(judgements.length).toBeGreaterThan(0);
    expect(judgements.filter((one) => !holds(one))).toEqual([]);
  });
});
