/** An exercise changes the pipeline; its judge runs the changed pipeline and looks at the data. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@user-behaviour/testkit/servers/cloud';
import { canPass, exitOf, RunFailed } from '../stages.ts';
import type { Workshop } from '../workshop.ts';

export interface Exercise {
  /** Also the name of its solution: solutions/{number}.patch. */
  readonly number: number;
  readonly title: string;
  /** What is to be done, line by line. */
  readonly task: readonly string[];
  /** The file or folder that the learner adds, by its path in the checkout: without it there is nothing to judge. */
  readonly adds?: string;
  /** What the judge runs, and the start. */
  readonly services: readonly ServiceName[];
  /** Makes what the learner is given besides the checkout: texts by the names of files. */
  readonly start?: (workshop: Workshop) => Promise<Readonly<Record<string, string>>>;
  /** The workshop's copy is that of the learner's files. May change the copy. */
  readonly judge: (workshop: Workshop) => Promise<readonly Judgement[]>;
}

/** It holds if both texts are the same. */
export interface Judgement {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

export const holds = ({ expected, found }: Judgement): boolean => expected === found;

interface Judge<Opened> extends Pick<Exercise, 'adds'> {
  readonly judge: (workshop: Opened) => Promise<readonly Judgement[]>;
}

/**
 * Judges the checkout in a workshop, which is opened only if there is something to judge. A run that had to succeed and
 * failed is judged wrong. @throws RunFailed if it failed in a way that can pass.
 */
export async function judgementsOf<Opened extends AsyncDisposable>(
  { adds, judge }: Judge<Opened>,
  checkout: string,
  open: () => Promise<Opened>,
): Promise<readonly Judgement[]> {
  if (adds !== undefined && !existsSync(join(checkout, adds))) {
    return [{ what: adds, expected: 'a file or folder', found: 'nothing' }];
  }
  await using workshop = await open();
  try {
    return await judge(workshop);
  } catch (error) {
    if (!(error instanceof RunFailed) || canPass(error.end)) throw error;
    return [{ what: error.run, expected: 'exit code 0', found: exitOf(error.end) }];
  }
}
