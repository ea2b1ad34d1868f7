import { describe, expect, it } from 'vitest';
import { bindParameters, checkParameters } from './parameters.ts';
import { render, tokenize } from '../sql/sql-tokens.ts';

const bind = (sql: string, ...parameters: { name: string; value: string }[]) =>
  render(bindParameters(tokenize(sql), parameters));

describe('bindParameters', () => {
  it('puts values in as literals, every time a name is used', () => {
    expect(
      bind('select :a, cast(:a as date), :b', { name: 'a', value: '1' }, { name: 'b', value: 'x' }),
    ).toBe("select '1', cast('1' as date), 'x'");
  });

  it('touches no cast, string, comment or quoted name', () => {
    const sql = `select x::ds, ':ds', ":ds" /* :ds */ from t`;
    expect(bind(sql, { name: 'ds', value: '1' })).toBe(`select x::ds, ':ds', ":ds" from t`);
  });

  it('lets no value out of its quotes', () => {
    const value = String.raw`\'; drop table x; --`;
    expect(bindParameters(tokenize('select :v'), [{ name: 'v', value }])).toHaveLength(2);
    expect(bind('select :v', { name: 'v', value })).toBe(`select '${value.replace("'", "''")}'`);
  });

  it('tells names apart that begin alike', () => {
    expect(bind('select :a, :ab', { name: 'a', value: '1' }, { name: 'ab', value: '2' })).toBe(
      "select '1', '2'",
    );
  });
});

describe('checkParameters', () => {
  const statements = [tokenize('select :a'), tokenize('select :b')];

  it('wants each used by at least one statement', () => {
    expect(() => {
      checkParameters(
        [
          { name: 'a', value: '1' },
          { name: 'b', value: '2' },
        ],
        statements,
      );
    }).not.toThrow();
    expect(() => {
      checkParameters([{ name: 'c', value: '1' }], statements);
    }).toThrow('Unused parameters: [c]');
  });

  it('refuses a name given twice', () => {
    const twice = [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ];
    expect(() => {
      checkParameters(twice, statements);
    }).toThrow('duplicate parameters: [a]');
  });
});
