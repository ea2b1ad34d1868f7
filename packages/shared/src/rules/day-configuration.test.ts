import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { failureOf } from '../../test/failing.ts';
import { parseDs } from '../ds.ts';
import { readConfiguration, ruledVariable, variable } from '../runner/config.ts';
import { configurationOf, overriddenRules, parseValues } from './day-configuration.ts';
import { parseRules } from './rules.ts';

const variables = {
  LIMIT: variable('how many', z.string().default('9')),
  MIN_QUANTITY: ruledVariable(
    'minQuantity',
    'more than this',
    z
      .string()
      .default('2')
      .refine((text) => /^\d+$/.test(text), 'expected a whole number')
      .transform(Number),
  ),
  OUTPUT_FORMAT: ruledVariable('format', 'how', z.enum(['csv', 'csv.gz']).default('csv')),
};
const rulesOf = (...rules: readonly unknown[]) =>
  parseRules(JSON.stringify({ version: 1, rules }), 'rules.json');
const rules = rulesOf(
  { parameter: 'minQuantity', until: '2019-06-30', value: 3 },
  { parameter: 'minQuantity', from: '2019-07-01', value: 5 },
  { parameter: 'format', from: '2019-07-01', until: '2019-07-01', value: 'csv.gz' },
);
const [before, first, second] = ['2019-06-30', '2019-07-01', '2019-07-02'].map((ds) => parseDs(ds));

/** The settings of the three days. */
function settings(environment: Readonly<Record<string, string>>, given = rules) {
  const configuration = readConfiguration(variables, environment);
  const of = configurationOf(variables, configuration, environment, given);
  return [before, first, second].map((ds) => {
    const { LIMIT, MIN_QUANTITY, OUTPUT_FORMAT } = of(ds ?? parseDs(''));
    return [LIMIT, MIN_QUANTITY, OUTPUT_FORMAT].join(' ');
  });
}

describe('the configuration of a day', () => {
  it('has what the rules set, else the defaults', () => {
    expect(settings({})).toEqual(['9 3 csv', '9 5 csv.gz', '9 5 csv']);
    expect(settings({}, [])).toEqual(['9 2 csv', '9 2 csv', '9 2 csv']);
  });

  it('has the value of a variable that is set, for every day', () => {
    expect(settings({ MIN_QUANTITY: '7', LIMIT: '1' })).toEqual([
      '1 7 csv',
      '1 7 csv.gz',
      '1 7 csv',
    ]);
    expect(settings({ MIN_QUANTITY: '2' })[0]).toBe('9 2 csv');
    expect(settings({ MIN_QUANTITY: '' })[0]).toBe('9 3 csv');
  });
});

describe('a variable beside rules', () => {
  const overridden = (environment: Readonly<Record<string, string>>, days?: (typeof first)[]) =>
    overriddenRules(variables, readConfiguration(variables, environment), environment, {
      rules,
      days: days?.map((ds) => ds ?? parseDs('')),
    });

  it('is told if it wins over a rule of the days', () => {
    expect(overridden({ MIN_QUANTITY: '5' }, [before])[0]).toMatch(
      /^MIN_QUANTITY is set, so the rules of minQuantity/,
    );
    expect(overridden({ MIN_QUANTITY: '5' }, [first, second])).toEqual([]);
    expect(overridden({ OUTPUT_FORMAT: 'csv' }, [before, second])).toEqual([]);
    expect(overridden({ OUTPUT_FORMAT: 'csv', MIN_QUANTITY: '9' })).toHaveLength(2);
    expect(overridden({})).toEqual([]);
  });
});

describe('the values of rules', () => {
  it.each<[string, unknown, string]>([
    ['minQuantity', 2.5, 'entry 1: the value of minQuantity is wrong: expected a whole number'],
    ['minQuantity', 'many', 'expected a whole number'],
    ['format', 'zip', 'entry 1: the value of format is wrong'],
  ])('must be values of the variable: %s %j', async (parameter, value, fault) => {
    const given = rulesOf({ parameter, value });
    const failure = await failureOf(() => {
      parseValues(variables, given, 'rules.json');
    });
    expect(failure.exit).toBe(78);
    expect(failure.message).toMatch(/^the rules rules\.json \(RULES\) are wrong: entry 1: /);
    expect(failure.message).toContain(fault);
  });

  it('are those that the variable takes, as a number or a text', () => {
    const given = rulesOf(
      { parameter: 'minQuantity', until: '2019-06-30', value: '5' },
      { parameter: 'maxRejectedReviews', value: 'of another job' },
      { parameter: 'minQuantity', from: '2019-07-01', value: 6 },
    );
    const values = parseValues(variables, given, 'rules.json').map(({ value }) => value);
    expect(values).toEqual([5, 6]);
  });
});
