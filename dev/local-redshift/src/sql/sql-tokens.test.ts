import { describe, expect, it } from 'vitest';
import { quoteLiteral, render, SqlTextError, tokenize } from './sql-tokens.ts';

const kinds = (sql: string) => tokenize(sql).map(({ kind, text }) => `${kind} ${text}`);

describe('tokenize', () => {
  it('omits comments, even nested ones', () => {
    expect(kinds("-- :a 'x\nselect /* :b /* ' */ */ 1")).toEqual(['word select', 'number 1']);
  });

  it('recognizes a parameter only where a value is expected', () => {
    expect(kinds(`:ds ::date ':no' ":no" x::int`)).toEqual([
      'parameter ds',
      'symbol ::',
      'word date',
      'string :no',
      'quoted :no',
      'word x',
      'symbol ::',
      'word int',
    ]);
  });

  it('reads doubled quotes and backslash escapes', () => {
    const [text] = tokenize(String.raw`'it''s \'a\' \\ \t \001'`);
    expect(text?.text).toBe("it's 'a' \\ \t \u0001");
  });

  it.each([
    ["select 'x", 'unterminated quoted string'],
    ['select "x', 'unterminated quoted identifier'],
    ['select /* x', 'unterminated /* comment'],
  ])('rejects %s', (sql, message) => {
    expect(() => tokenize(sql)).toThrow(new SqlTextError(message));
  });
});

describe('render', () => {
  it('writes standard SQL', () => {
    expect(render(tokenize(String.raw`select 'it\'s'  as "a""b", #t.x -- end`))).toBe(
      `select 'it''s' as "a""b", "#t".x`,
    );
  });

  it('writes literals that tokenize reads back', () => {
    const values = ["'", "''", '--', '/*', 'é', ':ds', "'; drop table x; --"];
    for (const value of values) expect(tokenize(quoteLiteral(value))[0]?.text).toBe(value);
  });
});
