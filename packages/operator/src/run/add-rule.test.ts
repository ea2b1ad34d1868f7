import { parseDs } from '@user-behaviour/shared/ds';
import { parseRules, ruleOf } from '@user-behaviour/shared/rules/rules';
import { expect, it } from 'vitest';
import { addRule } from './add-rule.ts';

/** `from..until=value`, one a rule; an end may be missing. */
const parse = (text: string) =>
  text
    .split(' ')
    .filter((one) => one !== '')
    .map((one) => {
      const [, from, until, value] = /^(.*)\.\.(.*)=(\d+)$/.exec(one) ?? [];
      return {
        parameter: 'minQuantity',
        ...(from !== '' && { from: parseDs(from ?? '') }),
        ...(until !== '' && { until: parseDs(until ?? '') }),
        value: Number(value),
      };
    });
const write = (rules: ReturnType<typeof addRule>) =>
  rules.map(({ from = '', until = '', value }) => `${from}..${until}=${String(value)}`).join(' ');

const added = {
  parameter: 'minQuantity',
  from: parseDs('2019-07-01'),
  until: parseDs('2019-07-31'),
  value: 5,
};

it.each([
  ['', '2019-07-01..2019-07-31=5'],
  ['..=2', '..2019-06-30=2 2019-07-01..2019-07-31=5 2019-08-01..=2'],
  ['..2019-06-30=2', '..2019-06-30=2 2019-07-01..2019-07-31=5'],
  ['2019-08-01..=2', '2019-07-01..2019-07-31=5 2019-08-01..=2'],
  ['2019-07-10..2019-07-20=2', '2019-07-01..2019-07-31=5'],
  ['..2019-07-10=2 2019-07-11..=3', '..2019-06-30=2 2019-07-01..2019-07-31=5 2019-08-01..=3'],
  ['2019-07-01..2019-07-31=2', '2019-07-01..2019-07-31=5'],
])('keeps the other days of %s', (before, after) => {
  const rules = addRule(parse(before), added);
  expect(write(rules)).toBe(after);
  const text = JSON.stringify({ version: 1, rules });
  expect(ruleOf(parseRules(text, 'r'), 'minQuantity', parseDs('2019-07-15'))?.value).toBe(5);
});

it('leaves rules of other parameters out', () => {
  const others = parse('..=2').map((rule) => ({ ...rule, parameter: 'format' }));
  expect(write(addRule(others, added))).toBe('2019-07-01..2019-07-31=5');
});
