/**
 * The labs and exercises: `main.ts lab [NAME]`, `exercise [N]`, `grade N` and `solution N`. Exit codes: 0 shown, or
 * the work is right; 64 wrong command line; 65 the work is not right yet; 70 a lab that shows no difference, or a
 * run that failed; 75 a run that failed and may succeed the next time.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exercise } from './exercises/exercise.ts';
import { holds, judgementsOf } from './exercises/exercise.ts';
import { exercises } from './exercises/exercises.ts';
import { gradeOf, listOfExercises, taskOf } from './exercises/report.ts';
import { labs } from './labs/labs.ts';
import { listOfLabs, reportOf } from './labs/report.ts';
import { solutionOf } from './solutions.ts';
import { canPass, RunFailed } from './stages.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const root = join(import.meta.dirname, '../../..');

class UsageError extends Error {}

const say = (text: string) => process.stderr.write(`${text}\n`);
const show = (text: string) => process.stdout.write(text);

async function runLab(name: string): Promise<number> {
  const lab = labs.find((one) => one.name === name);
  if (lab === undefined) {
    const known = labs.map((one) => one.name).join(', ');
    throw new UsageError(`there is no lab ${JSON.stringify(name)}; expected LAB=${known}`);
  }
  await using workshop = await open(`lab ${name}`, lab);
  show(reportOf(lab, await lab.run(workshop)));
  return 0;
}

/** Prints the task. What it gives the learner goes into .local/exercises/{number}, in place of an earlier start. */
async function setUp(exercise: Exercise): Promise<number> {
  const { number, start } = exercise;
  show(taskOf(exercise));
  if (start === undefined) return 0;
  await using workshop = await open(`exercise ${String(number)}`, exercise);
  const folder = join(root, '.local/exercises', String(number));
  const files = Object.entries(await start(workshop));
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  show(`\n${files.map(([name]) => `.local/exercises/${String(number)}/${name}\n`).join('')}`);
  return 0;
}

async function grade(exercise: Exercise): Promise<number> {
  const judgements = await judgementsOf(exercise, root, () =>
    open(`exercise ${String(exercise.number)}`, exercise),
  );
  show(gradeOf(judgements));
  const isRight = judgements.every(holds);
  show(isRight ? 'Done: this is right.\n' : 'Not right yet.\n');
  return isRight ? 0 : 65;
}

function open(what: string, { services }: Pick<Exercise, 'services'>): Promise<Workshop> {
  say(`${what}: starting a separate local cloud (${services.join(', ')})`);
  return openWorkshop(services);
}

function exerciseNamed(number: string): Exercise {
  const found = exercises.find((one) => String(one.number) === number);
  if (found !== undefined) return found;
  const known = exercises.map((one) => one.number).join(', ');
  throw new UsageError(`there is no exercise ${JSON.stringify(number)}; expected N=${known}`);
}

async function run([command = '', name = '', ...rest]: readonly string[]): Promise<number> {
  if (rest.length > 0) throw new UsageError(`expected one name, found also ${rest.join(' ')}`);
  switch (command) {
    case 'lab':
      if (name !== '') return runLab(name);
      show(listOfLabs());
      return 0;
    case 'exercise':
      if (name !== '') return setUp(exerciseNamed(name));
      show(listOfExercises());
      return 0;
    case 'grade':
      return grade(exerciseNamed(name));
    case 'solution':
      show(solutionOf(exerciseNamed(name).number));
      return 0;
    default:
      throw new UsageError('expected lab, exercise, grade or solution');
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = codeOf(error);
}

function codeOf(error: unknown): number {
  if (error instanceof UsageError) return 64;
  if (!(error instanceof RunFailed) || !canPass(error.end)) return 70;
  say('This says nothing about your work. Run it again.');
  return 75;
}
