import { describe, expect, it } from 'vitest';
import { startupSettings } from './startup-settings.ts';

const read = (parameters: Readonly<Record<string, string>>) =>
  startupSettings(new Map(Object.entries(parameters))).map(({ name, values }) => [name, ...values]);

describe('startupSettings', () => {
  it('takes the parameters of the packet, and those of its options after them', () => {
    expect(
      read({
        user: 'u',
        database: 'd',
        options: '-c search_path=nosuch,Marts -cstatement_timeout=100 --query-group=a\\ b\\\\',
        DateStyle: 'ISO, MDY',
        '_pq_.compression': 'on',
      }),
    ).toEqual([
      ['datestyle', 'ISO, MDY'],
      ['search_path', 'nosuch', 'Marts'],
      ['statement_timeout', '100'],
      ['query_group', 'a b\\'],
    ]);
    expect(read({ search_path: '"$user", "Marts"' })).toEqual([['search_path', '$user', 'Marts']]);
    expect(read({ user: 'u', options: ' ' })).toEqual([]);
  });

  it.each([
    ['-B 5', '-B'],
    ['-c', '-c'],
    ['-c search_path', '-csearch_path'],
    ['--=1', '--=1'],
    ['search_path=public', 'search_path=public'],
  ])('refuses %s', (options, word) => {
    expect(() => read({ options })).toThrow(
      `invalid command-line argument for server process: ${word}`,
    );
  });
});
