/** An exercise changes the pipeline; its judge runs the changed pipeline and looks at the data. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@user-behaviour/testkit/servers/cloud';
import type { Workshop } from '../workshop.ts';

export interface Exercise {
  /** Also the name of its solution: solutions/{number}.patch. */
  readonly number: number;
  readonly title: string;
  /** What is to be done, line by line. */
  readonly task: readonly string[];
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

/** What is wrong if there is no such file yet; nothing otherwise. */
export const missingFile = (
  { folder }: Pick<Workshop, 'folder'>,
  path: string,
): readonly Judgement[] =>
  existsSync(join(folder, path)) ? [] : [{ what: path, expected: 'is there', found: 'is missing' }];
