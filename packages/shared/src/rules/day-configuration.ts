/**
 * The configuration of a day, from the variables and the rules. A variable that is set wins; then the rule of
 * the day; then the variable's default. Pure.
 */
import type { Ds } from '../ds.ts';
import {
  type Configuration,
  type ConfigurationOf,
  type Environment,
  isSet,
  type Variables,
} from '../runner/config.ts';
import { entryName, ruleOf, type Rules, wrongRules } from './rules.ts';

export interface RuledVariable {
  readonly name: string;
  readonly parameter: string;
}

/** The variables that set a parameter. */
export const ruledVariables = (variables: Variables): RuledVariable[] =>
  Object.entries(variables).flatMap(([name, { parameter }]) =>
    parameter === undefined ? [] : [{ name, parameter }],
  );

/** `rules` must have values that these variables take: `requireValues`. */
export function configurationOf<V extends Variables>(
  variables: V,
  configuration: Configuration<V>,
  environment: Environment,
  rules: Rules,
): ConfigurationOf<V> {
  const free = ruledVariables(variables).filter(({ name }) => !isSet(environment, name));
  return (ds) => {
    const values = free.flatMap(({ name, parameter }) => {
      const rule = ruleOf(rules, parameter, ds);
      return rule === undefined ? [] : [[name, rule.value] as const];
    });
    const ofDay = { ...configuration, ...Object.fromEntries(values) };
    return Object.freeze(ofDay) as Configuration<V>;
  };
}

/**
 * Checks the values of the rules by the variables of the same parameters. Other parameters are other jobs'.
 *
 * @throws Failure of kind configuration; it names every wrong entry.
 */
export function requireValues(variables: Variables, rules: Rules, place: string): void {
  const ofParameter = new Map(
    Object.values(variables).map(({ parameter, schema }) => [parameter, schema]),
  );
  const faults = rules.flatMap(({ parameter, value }, index) => {
    const result = ofParameter.get(parameter)?.safeParse(String(value));
    if (result === undefined || (result.success && result.data === value)) return [];
    const expected = result.success
      ? 'expected a number without quotes'
      : result.error.issues.map(({ message }) => message).join('; ');
    return [`${entryName(index)}: the value of ${parameter} is wrong: ${expected}`];
  });
  if (faults.length > 0) throw wrongRules(place, faults);
}

/**
 * A sentence for each variable that is set to another value than a rule of its parameter has, on one of the
 * days if they are given.
 */
export function overriddenRules(
  variables: Variables,
  configuration: Readonly<Record<string, unknown>>,
  environment: Environment,
  { rules, days }: { readonly rules: Rules; readonly days?: readonly Ds[] | undefined },
): string[] {
  const differs = ({ name, parameter }: RuledVariable) =>
    rules.some(
      (rule) =>
        rule.parameter === parameter &&
        rule.value !== configuration[name] &&
        (days === undefined || days.some((ds) => ruleOf([rule], parameter, ds) !== undefined)),
    );
  return ruledVariables(variables)
    .filter(({ name }) => isSet(environment, name))
    .filter(differs)
    .map(
      ({ name, parameter }) =>
        `${name} is set, so the rules of ${parameter} do not apply: a run without ${name} makes the days of these rules again`,
    );
}
