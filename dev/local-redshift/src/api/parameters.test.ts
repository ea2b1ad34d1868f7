import { describe, expect, it } from 'vitest';
import { bindParameters, checkParameters } from './parameters.ts';
import { render, tokenize } from '../sql/sql-tokens.ts';

const bind = (sql: string, ...parameters: { name: string; value: string }[]) =>
  render(bindParameters(tokenize(sql), parameters));

describe('bindParameters', () => {
  it('replaces every use of a name with a literal', () => {
    expect(
      bind('select :a, cast(:a as date), :b', { name: 'a', value: '1' }, { name: 'b', value: 'x' }),
    ).toBe("select '1', cast('1' as date), 'x'");
  });

  it('leaves casts, strings, comments and quoted names unchanged', () => {
    const sql = `select x::ds, ':ds', ":ds" /* :ds */ from t`;
    expect(bind(sql, { name: 'ds', value: '1' })).toBe(`select x::ds, ':ds', ":ds" from t`);
  });

  it('cannot be used for SQL injection', () => {
    const value = String.raw`\'; drop table x; --`;
    expect(bindParameters(tokenize('select :v'), [{ name: 'v', value }])).toHaveLength(2);
    expect(bind('select :v', { name: 'v', value })).toBe(`select '${value.replace("'", "''")}'`);
  });

  it('distinguishes names with the same prefix', () => {
    expect(bind('select :a, :ab', { name: 'a', value: '1' }, { name: 'ab', value: '2' })).toBe(
      "select '1', '2'",
    );
  });
});

describe('checkParameters', () => {
  const statements = [tokenize('select :a'), tokenize('select :b')];

  it('requires that at least one statement uses each parameter', () => {
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

  it('rejects a duplicate name', () => {
    const twice = [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ];
    expect(() => {
      checkParameters(twice, statements);
    }).toThrow('duplicate parameters: [a]');
  });
});
