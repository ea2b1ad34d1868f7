import { expect, it } from 'vitest';
import { labelAfter } from './query-label.ts';

it.each([
  ["set query_group to 'load/2010-12-01'", 'load/2010-12-01'],
  ["SET SESSION query_group = 'it''s';", "it's"],
  ['set query_group to nightly', 'nightly'],
  ['set query_group to "Nightly"', 'Nightly'],
  ['set query_group to default', 'default'],
  ['reset query_group', 'default'],
  ['reset all', 'default'],
  ["select 'set query_group to x'", 'before'],
  ['set search_path to x', 'before'],
  ['reset search_path', 'before'],
])('%s: %s', (sql, label) => {
  expect(labelAfter(sql, 'before')).toBe(label);
});

it('is cut after 320 characters', () => {
  expect(labelAfter(`set query_group to '${'x'.repeat(400)}'`, 'before')).toBe('x'.repeat(320));
});
