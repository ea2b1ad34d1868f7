/**
 * The configuration of a day, from the variables and the rules. A variable that is set wins; then the rule of
 * the day; then the variable's default. Pure.
 */
import type { Ds } from '../ds.ts';
import { isSet } from '../environment/is-set.ts';
import type { Configuration, ConfigurationOf, Environment, Variables } from '../runner/config.ts';
import { entryName, type Rule, ruleOf, type Rules, wrongRules } from './rules.ts';

export interface RuledVariable {
  readonly name: string;
  readonly parameter: string;
}

/** The variables that set a parameter. */
export const ruledVariables = (variables: Variables): RuledVariable[] =>
  Object.entries(variables).flatMap(([name, { parameter }]) =>
    parameter === undefined ? [] : [{ name, parameter }],
  );

/** Rules whose values are those of a configuration. */
type ParsedRules = readonly (Omit<Rule, 'value'> & { readonly value: unknown })[];

export function configurationOf<V extends Variables>(
  variables: V,
  configuration: Configuration<V>,
  environment: Environment,
  rules: ParsedRules,
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
 * The rules of these variables, with the values as the variables have them: a rule has the text or the number that
 * the variable takes. Rules of other parameters are other jobs'.
 *
 * @throws Failure of kind configuration; it names every wrong entry.
 */
export function parseValues(variables: Variables, rules: Rules, place: string): ParsedRules {
  const schemas = new Map(
    Object.values(variables).map(({ parameter, schema }) => [parameter, schema]),
  );
  const faults: string[] = [];
  const parsed = rules.flatMap((rule, index) => {
    const result = schemas.get(rule.parameter)?.safeParse(String(rule.value));
    if (result === undefined) return [];
    if (result.success) return [{ ...rule, value: result.data }];
    const expected = result.error.issues.map(({ message }) => message).join('; ');
    faults.push(`${entryName(index)}: the value of ${rule.parameter} is wrong: ${expected}`);
    return [];
  });
  if (faults.length > 0) throw wrongRules(place, faults);
  return parsed;
}

/**
 * A sentence for each variable that is set to another value than a rule of its parameter has, on one of the
 * days if they are given.
 */
export function overriddenRules(
  variables: Variables,
  configuration: Readonly<Record<string, unknown>>,
  environment: Environment,
  { rules, days }: { readonly rules: ParsedRules; readonly days?: readonly Ds[] | undefined },
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
