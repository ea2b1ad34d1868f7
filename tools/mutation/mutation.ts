/** A mutation removes one guard from a copy of the source; the named suite must fail. */
export interface Mutation {
  /** What the guard keeps true. */
  readonly guard: string;
  readonly file: string;
  /** Text that the file has exactly once, or nothing will be changed. */
  readonly find: string;
  readonly replace: string;
  /** The cheapest test file that ought to notice, from the workspace's root. */
  readonly caughtBy: string;
  /** Only the tests of that file whose name has this text. */
  readonly named?: string;
}

/** The text without the guard. @throws when the mutation no longer fits the text. */
export function mutate(text: string, { file, find, replace, guard }: Mutation): string {
  const times = text.split(find).length - 1;
  if (times !== 1) {
    throw new Error(
      `${file} has the text of "${guard}" ${String(times)} times; expected once: bring tools/mutation up to date with the source`,
    );
  }
  return text.replace(find, () => replace);
}
