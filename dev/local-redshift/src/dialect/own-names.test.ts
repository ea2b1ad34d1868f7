import { expect, it } from 'vitest';
import { ownFunctions } from './own-functions.ts';
import { owned } from './own-names.ts';

it('names only functions that have a macro', () => {
  const macros = new Set(ownFunctions.map((sql) => /macro main\.rs_(\w+)/.exec(sql)?.[1]));
  expect([...owned].filter((name) => !macros.has(name))).toEqual([]);
});
