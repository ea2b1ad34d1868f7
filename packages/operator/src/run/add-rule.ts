/** Adds a rule to those of its parameter: those before keep the days that are not of the new one. Pure. */
import { nextDs, previousDs, type Ds } from '@user-behaviour/shared/ds';
import type { Rule, Rules } from '@user-behaviour/shared/rules/rules';

export type BoundedRule = Rule & { readonly from: Ds; readonly until: Ds };

/** The rules of the parameter with the new one, in ascending order. */
export function addRule(rules: Rules, added: BoundedRule): Rules {
  const others = rules.filter(({ parameter }) => parameter === added.parameter);
  const before = others
    .filter(({ from }) => from === undefined || from < added.from)
    .map((rule) => ({ ...rule, until: earliest(rule.until, previousDs(added.from)) }));
  const after = others
    .filter(({ until }) => until === undefined || until > added.until)
    .map((rule) => ({ ...rule, from: latest(rule.from, nextDs(added.until)) }));
  return [...before, added, ...after];
}

const earliest = (one: Ds | undefined, other: Ds): Ds =>
  one === undefined || one > other ? other : one;
const latest = (one: Ds | undefined, other: Ds): Ds =>
  one === undefined || one < other ? other : one;
