/** The guards of the mutation run, by name. */
import type { Mutation } from '../../../tools/mutation/mutation.ts';
import { mutations } from '../../../tools/mutation/mutations.ts';

/** @throws when tools/mutation/guards has no guard of this name. */
export function guardNamed(name: string): Mutation {
  const found = mutations.find(({ guard }) => guard === name);
  if (found === undefined) throw new Error(`tools/mutation/guards has no guard "${name}"`);
  return found;
}
