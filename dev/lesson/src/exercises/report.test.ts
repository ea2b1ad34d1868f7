import { describe, expect, it } from 'vitest';
import { filesOf, isPatch, whyNotFitting } from '../solutions.ts';
import { exercises } from './exercises.ts';
import { gradeOf, listOfExercises, taskOf } from './report.ts';

describe('an exercise', () => {
  const patched = exercises.filter(({ number }) => isPatch(number));

  it.each(patched)('$number: its solution fits the files as they are', ({ number }) => {
    expect(filesOf(number).length).toBeGreaterThan(0);
    expect(whyNotFitting(number)).toBeUndefined();
  });

  it.each(patched)(
    '$number: says what to do, that the start is in place, and what comes next',
    (exercise) => {
      const text = taskOf(exercise);
      expect(text).toContain(exercise.task[0]);
      expect(text).toContain('The start is in place');
      expect(text).toContain(`make grade N=${String(exercise.number)}`);
    },
  );

  it('has a line in the list, in the order of the numbers', () => {
    const numbers = exercises.map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    expect(listOfExercises().trimEnd().split('\n')).toHaveLength(numbers.length);
  });
});

it('a grade says what is right, and what was found and expected of the rest', () => {
  expect(
    gradeOf([
      { what: 'rows', expected: '27', found: '27' },
      { what: 'the column', expected: 'numeric(5, 4)', found: 'none' },
    ]),
  ).toBe('right: rows: 27\nwrong: the column: found none, expected numeric(5, 4)\n');
});
