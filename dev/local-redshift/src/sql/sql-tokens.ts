/** Splits Redshift SQL into tokens: the only place that handles quotes, comments and casts. */

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'placeholder' | 'symbol';
  /** The source text; for `quoted` and `string` the content of the quotes; without `:` or `$` of a parameter. */
  readonly text: string;
  /** Whether white space or a comment precedes it. */
  readonly gap: boolean;
  /** The parameter whose value this string is (parameters.ts). */
  readonly parameter?: string;
}

/** Text that is not valid SQL: an unclosed quote or comment. */
export class SqlTextError extends Error {}

const patterns: readonly (readonly [Token['kind'] | 'gap', RegExp])[] = [
  ['gap', /(?:\s+|--[^\n]*)+/y],
  ['word', /[#\p{L}_][\p{L}\p{N}_$]*/uy],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['quoted', /"(?:[^"]|"")*"/y],
  // In Redshift, unlike later PostgreSQL, a backslash in a string is an escape (r_POSIX_operators).
  ['string', /'(?:[^'\\]|''|\\[\s\S])*'/y],
  // Not a cast (`::int`): the double colon is a symbol.
  ['parameter', /:[0-9a-zA-Z_]+/y],
  // A parameter of a prepared statement.
  ['placeholder', /\$\d+/y],
  ['symbol', /::|<=|>=|<>|!=|\|\||!~\*?|~\*|[-+*/%^<>=~!@#&|?:.,;()[\]{}]/y],
];

/** All tokens of the text without comments. @throws SqlTextError for an unclosed quote or comment. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let gap = false;
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at);
      gap = true;
      continue;
    }
    const found = match(sql, at);
    if (found === undefined) throw new SqlTextError(describeBroken(sql, at));
    at += found.text.length;
    if (found.kind === 'gap') {
      gap = true;
      continue;
    }
    tokens.push({ kind: found.kind, text: contents(found.kind, found.text), gap });
    gap = false;
  }
  return tokens;
}

function match(sql: string, at: number) {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return undefined;
}

/** Block comments nest, as in PostgreSQL. */
function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  throw new SqlTextError('unterminated /* comment');
}

function describeBroken(sql: string, at: number): string {
  if (sql[at] === "'") return 'unterminated quoted string';
  if (sql[at] === '"') return 'unterminated quoted identifier';
  return `syntax error at or near "${sql[at] ?? ''}"`;
}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function contents(kind: Token['kind'], text: string): string {
  if (kind === 'quoted') return text.slice(1, -1).replaceAll('""', '"');
  if (kind === 'parameter' || kind === 'placeholder') return text.slice(1);
  if (kind !== 'string') return text;
  return text
    .slice(1, -1)
    .replace(/''|\\([0-7]{1,3}|[\s\S])/g, (whole, escaped: string | undefined) => {
      if (escaped === undefined) return whole.slice(1);
      if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8));
      return escapes[escaped] ?? escaped;
    });
}

/** Whether the token is one of these unquoted words, ignoring case. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toLowerCase());
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol;
}

/** A text as a literal of standard SQL, which DuckDB uses. */
export function quoteLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A name as a quoted identifier of standard SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The tokens as SQL text; `literal` formats the strings. */
export function render(tokens: readonly Token[], literal = quoteLiteral): string {
  return tokens.map((token) => (token.gap ? ' ' : '') + renderToken(token, literal)).join('');
}

function renderToken(token: Token, literal: (value: string) => string): string {
  switch (token.kind) {
    case 'string':
      return literal(token.text);
    case 'quoted':
      return quoteName(token.text);
    case 'parameter':
      return `:${token.text}`;
    case 'placeholder':
      return `$${token.text}`;
    case 'word':
      // The name of a temporary table may begin with #; other dialects must quote it.
      return token.text.startsWith('#') ? quoteName(token.text) : token.text;
    case 'number':
    case 'symbol':
      return token.text;
  }
}
