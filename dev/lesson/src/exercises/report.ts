/** Exercises and what the judge says of them, as text. */
import { filesOf, isPatch, whyNotFitting } from '../solutions.ts';
import { type Exercise, holds, type Judgement } from './exercise.ts';
import { exercises } from './exercises.ts';

/** One line for each exercise. */
export const listOfExercises = (): string =>
  exercises.map(({ number, title }) => `${String(number)}  ${title}\n`).join('');

/** The task, and whether its start is in place. */
export function taskOf({ number, title, task }: Exercise): string {
  const n = String(number);
  return [
    `Exercise ${n}: ${title}`,
    '',
    ...task,
    '',
    ...(isPatch(number) ? [startOf(number)] : []),
    `Work in your own checkout. \`make grade N=${n}\` runs a copy of it on a separate cloud;`,
    `\`make solution N=${n}\` prints a ${isPatch(number) ? 'patch' : 'script'}.`,
    '',
  ].join('\n');
}

const startOf = (number: number): string =>
  whyNotFitting(number) === undefined
    ? 'The start is in place: nothing that the solution changes has been changed.'
    : `You have begun: the solution does not fit your checkout any more; it changes ${filesOf(number).join(', ')}.`;

/** A line for each judgement. */
export const gradeOf = (judgements: readonly Judgement[]): string =>
  judgements
    .map((judgement) => {
      const { what, expected, found } = judgement;
      return holds(judgement)
        ? `right: ${what}: ${found}\n`
        : `wrong: ${what}: found ${found}, expected ${expected}\n`;
    })
    .join('');
