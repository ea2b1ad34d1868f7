/** Syntax of PostgreSQL and DuckDB that Redshift does not have (c_unsupported-postgresql-features, r_SELECT_synopsis). */

export interface RefusedSyntax {
  /**
   * Tokens in sequence, separated by spaces; `|` separates alternatives. `<name>` is any name, `<number>` and
   * `<string>` any literal, and `^` the start of the statement.
   */
  readonly pattern: string;
  /** Redshift's error; without it, a syntax error at the last token of the pattern, or at `near`. */
  readonly error?: string;
  readonly near?: string;
  /** Whether a query of the leader node's catalog alone may have it, as those of database tools do. */
  readonly inCatalog?: true;
}

const notOnTables = 'SQL command "{command}" not supported on Redshift tables.';
const noFunctions = 'user-defined functions are not supported by this local warehouse';

export const refusedSyntax: readonly RefusedSyntax[] = [
  // Queries
  { pattern: 'select distinct on (', error: 'SELECT DISTINCT ON is not supported' },
  { pattern: ') filter (' },
  { pattern: ') over <name>' },
  { pattern: 'for update|share', error: 'SELECT FOR UPDATE/SHARE is not supported' },
  { pattern: 'for no key update', error: 'SELECT FOR UPDATE/SHARE is not supported' },
  { pattern: 'for key share', error: 'SELECT FOR UPDATE/SHARE is not supported' },
  { pattern: 'tablesample bernoulli|system|reservoir' },
  { pattern: 'using sample' },
  { pattern: '( values' },
  { pattern: '^ values|from|table' },
  // Statements of DuckDB as tables
  ...['describe', 'summarize', 'show', 'pivot', 'unpivot', 'from', 'table'].map((word) => ({
    pattern: `( ${word} <name>|<string>|select|with|(`,
    near: word,
  })),
  { pattern: ',|join lateral (' },
  { pattern: 'with ordinality' },
  { pattern: 'as materialized (', near: 'materialized' },
  { pattern: 'as not materialized (', near: 'not' },
  { pattern: 'first_value|last_value|nth_value|lag|lead ( * )' },
  {
    pattern: 'range between <number>|interval',
    error: 'RANGE PRECEDING is only supported with UNBOUNDED',
  },
  {
    pattern: 'range <number>|interval',
    error: 'RANGE PRECEDING is only supported with UNBOUNDED',
  },
  { pattern: 'groups between|unbounded|current|<number>', near: 'groups' },
  { pattern: 'preceding|following|row exclude', near: 'exclude' },
  { pattern: 'order by all' },
  { pattern: 'limit <number> %' },
  { pattern: ')|<name>|<number>|<string> fetch first|next', near: 'fetch' },
  { pattern: 'select|,|. * replace|rename (' },
  { pattern: 'is distinct from', near: 'distinct' },
  { pattern: 'is not distinct from', near: 'distinct' },
  { pattern: 'intersect|except|minus all', error: 'INTERSECT/EXCEPT ALL is not supported' },
  { pattern: 'asof|semi|anti|positional join', near: 'join' },
  { pattern: 'from only <name>', near: 'only' },
  { pattern: 'array [', error: 'ARRAY[] is not supported', inCatalog: true },
  { pattern: '=|>|<|(|,|select|in [' },
  { pattern: '{' },
  { pattern: '- >' },
  { pattern: ': =' },
  { pattern: 'as <name> [', near: '[' },
  { pattern: 'create|replace macro' },
  // Changes
  { pattern: 'on conflict do|(', near: 'conflict' },
  { pattern: 'insert or replace|ignore', near: 'or' },
  { pattern: ')|=|<name>|<number>|<string> returning *|<name>|(', near: 'returning' },
  { pattern: '^ update only' },
  { pattern: 'overriding system|user' },
  { pattern: 'when not matched by', near: 'by' },
  { pattern: 'when matched|source and', error: 'MERGE conditions after MATCHED are not supported' },
  { pattern: '^ truncate <name> ,|cascade|restart|restrict' },
  { pattern: '^ truncate table <name> ,|cascade|restart|restrict' },
  { pattern: '^ copy <name> to' },
  { pattern: '^ copy <name> from stdin', error: 'COPY FROM STDIN is not supported' },
  { pattern: '^ copy (' },
  // Definitions
  ...[
    'index',
    'unique index',
    'sequence',
    'trigger',
    'constraint trigger',
    'rule',
    'type',
    'domain',
    'aggregate',
    'operator',
    'tablespace',
    'conversion',
    'cast',
  ].map((object) => ({ pattern: `^ create ${object}`, error: notOnTables })),
  ...['index', 'sequence', 'trigger', 'rule', 'type', 'domain', 'tablespace'].map((object) => ({
    pattern: `^ alter|drop ${object}`,
    error: notOnTables,
  })),
  {
    pattern:
      '^ create unlogged|extension|publication|subscription|server|foreign|macro|secret|statistics',
  },
  { pattern: '^ create or replace table|temp|temporary|macro|secret|sequence|type' },
  { pattern: '^ create|alter|drop function', error: noFunctions },
  { pattern: '^ create or replace function', error: noFunctions },
  { pattern: '^ create temp|temporary view|recursive|sequence|macro' },
  { pattern: 'inherits (', error: 'INHERITS is not supported' },
  { pattern: ') partition by', near: 'partition' },
  { pattern: 'exclude using', near: 'exclude' },
  // Commands of PostgreSQL and DuckDB
  {
    pattern:
      '^ describe|summarize|pragma|attach|detach|install|load|checkpoint|force|export|import|pivot|unpivot|' +
      'cluster|reindex|listen|notify|unlisten|do|savepoint|release',
  },
];
