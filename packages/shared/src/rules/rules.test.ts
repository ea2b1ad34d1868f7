import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { type Ds, parseDs } from '../ds.ts';
import { Failure } from '../failure.ts';
import { parseRules, ruleOf } from './rules.ts';

const text = (...rules: readonly unknown[]) => JSON.stringify({ version: 1, rules });
const quantity = (value: unknown, from?: string, until?: string) => ({
  parameter: 'minQuantity',
  from,
  until,
  value,
});
const faultOf = async (given: string) => {
  const failure = await failureOf(() => parseRules(given, 'rules.json'));
  expect(failure.exit).toBe(78);
  expect(failure.action).toContain('docs/operating.md');
  return failure.message.replace('the rules rules.json (RULES) are wrong: ', '');
};

describe('the rules of a file', () => {
  const rules = parseRules(
    text(
      quantity(2, undefined, '2019-06-30'),
      { parameter: 'format', from: '2019-01-01', until: '2019-01-02', value: 'csv.gz' },
      quantity(5, '2019-07-01', '2019-12-31'),
      quantity(7, '2020-02-01'),
    ),
    'rules.json',
  );

  it.each([
    ['minQuantity', '1970-01-01', 2],
    ['minQuantity', '2019-06-30', 2],
    ['minQuantity', '2019-07-01', 5],
    ['minQuantity', '2019-12-31', 5],
    ['minQuantity', '2020-01-15', undefined],
    ['minQuantity', '2200-12-31', 7],
    ['format', '2018-12-31', undefined],
    ['format', '2019-01-02', 'csv.gz'],
    ['format', '2019-01-03', undefined],
    ['maxRejectedReviews', '2019-01-02', undefined],
  ])('give %s on %s the value %s', (parameter, ds, value) => {
    expect(ruleOf(rules, parameter, parseDs(ds))?.value).toBe(value);
  });

  it('may be none', () => {
    expect(parseRules('{"version":1,"rules":[]}', 'rules.json')).toEqual([]);
  });
});

describe('a file that is wrong', () => {
  it.each<[string, string, string]>([
    ['no comma', '{"version":1\n"rules":[]}', 'after the last entry; see line 2 column 1'],
    ['a comma at the end', '{"version":1,"rules":[1,]}', 'without a comma after the last entry'],
    ['cut off', text(quantity(5)).slice(0, -2), 'expected JSON'],
    ['empty', '', 'expected JSON'],
    ['no version', '{"rules":[]}', 'no version: expected {"version": 1, "rules": […]}'],
    ['a list', '[]', 'no version: expected {"version": 1, "rules": […]}'],
    ['another version', '{"version":2,"rules":3}', 'version is 2: expected {"version": 1'],
    ['no rules', '{"version":1}', 'rules is missing: expected a list of entries'],
    ['another key', '{"version":1,"rules":[],"rule":[]}', 'expected version and rules'],
    [
      'an unknown parameter',
      text(quantity(2, undefined, '2019-06-30'), { parameter: 'minQty', value: 5 }),
      'entry 2: parameter is wrong or missing: expected one of minQuantity, format, badPurchases, maxRejectedPurchases, maxRejectedReviews',
    ],
    ['the script', text({ parameter: 'script', value: 'x' }), 'entry 1: parameter is wrong'],
    [
      'an unknown key',
      text({ ...quantity(2), to: '2019-06-30' }),
      'entry 1: expected an object with parameter, from, until and value, and nothing else',
    ],
    ['no value', text({ parameter: 'minQuantity' }), 'entry 1: value is missing'],
    [
      'no such day',
      text(quantity(2, undefined, '2019-06-31')),
      'entry 1: until is wrong: expected a real day such as "2019-06-30"',
    ],
    ['another form of a day', text(quantity(2, '1/7/2019')), 'entry 1: from is wrong'],
    ['null as a day', text({ ...quantity(2), from: null }), 'entry 1: from is wrong'],
    ['a day out of range', text(quantity(2, '9999-12-31')), 'entry 1: from is wrong'],
    [
      'days that end before they begin',
      text(quantity(2, '2019-07-01', '2019-06-30')),
      'entry 1: until is before from',
    ],
    [
      'equal days',
      text(quantity(2, undefined, '2019-06-30'), quantity(5, '2019-06-30')),
      'entry 2 holds for days of minQuantity that are also those of entry 1',
    ],
    [
      'days within others',
      text(quantity(2, '2019-01-01'), quantity(5, '2019-06-30', '2019-07-01')),
      'entry 2 holds for days',
    ],
    [
      'two rules for all days',
      text(quantity(2), { parameter: 'format', value: 'csv' }, quantity(5)),
      'entry 3 holds for days of minQuantity that are also those of entry 1',
    ],
    [
      'no order',
      text(quantity(5, '2019-07-01'), quantity(2, undefined, '2019-06-30')),
      'entry 2 is for earlier days than entry 1: expected each day of minQuantity at most once, in ascending order',
    ],
    [
      'a key twice',
      '{"version":1,"rules":[{"parameter":"minQuantity","value":2,"value":5}]}',
      'a key occurs twice',
    ],
  ])('says what was expected: %s', async (_what, given, fault) => {
    expect(await faultOf(given)).toContain(fault);
  });

  it('names every wrong entry at once', async () => {
    const given = text(quantity(2, 'soon'), quantity(5, '2019-07-01'), {
      parameter: 'x',
      value: 1,
    });
    expect(await faultOf(given)).toMatch(/entry 1: from .*; entry 3: parameter/);
  });

  it('is never quoted, because RULES may name another file by mistake', async () => {
    for (const given of ['postgres://u:secret@host', '{"version":1,"rules":[secret]}']) {
      expect(await faultOf(given)).not.toContain('secret');
    }
  });
});

it('reads any text, or refuses it: each day has at most one value of a parameter', () => {
  const day = fc.constantFrom(
    '2019-06-29',
    '2019-06-30',
    '2019-07-01',
    '2019-07-02',
    'x',
    undefined,
  );
  const entries = fc.array(fc.record({ from: day, until: day }), { maxLength: 4 });
  const days = ['2019-06-29', '2019-06-30', '2019-07-01', '2019-07-02'] as Ds[];
  fc.assert(
    fc.property(entries, (given) => {
      try {
        const rules = parseRules(text(...given.map((of, i) => ({ ...quantity(i), ...of }))), 'r');
        for (const ds of days) {
          const holding = rules.filter((rule) => ruleOf([rule], 'minQuantity', ds) !== undefined);
          expect(holding.length).toBeLessThanOrEqual(1);
        }
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        expect(error.kind).toBe('configuration');
      }
    }),
  );
});
