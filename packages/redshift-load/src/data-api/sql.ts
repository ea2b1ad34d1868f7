/** Reads the statements of sql/warehouse; pure. The one place that puts values into them. */
import { asset } from '@user-behaviour/shared/asset';
import { Failure } from '@user-behaviour/shared/failure';

export interface Statement {
  /** Its file without folder, number and ending, e.g. `one_row_per_customer`. */
  readonly name: string;
  /** The folder of the file. */
  readonly kind:
    | 'audit'
    | 'check'
    | 'ddl'
    | 'load'
    | 'migration'
    | 'partition'
    | 'quality'
    | 'rebuild'
    | 'report';
  readonly sql: string;
}

/** Every value is text, which the statement casts where needed. None may be empty. */
export type Parameters = Readonly<Record<string, string>>;

/** Placeholders with the same value in every statement, unless a caller gives another one. */
const defaults = {
  /** U+0001: a control character that the SerDe takes as its escape instead of the backslash. */
  csv_escape: '\u0001',
  external_schema: 'spectrum',
  /** The operator gives null for a column that a ledger lacks because it has not been migrated. */
  load_sql: 'ledger.load_sql',
  complete_until: 'ledger.complete_until',
};

/** Reads a file of sql/warehouse, without comments, and replaces each `${name}`. Values must have been validated. */
export function statement(
  kind: Statement['kind'],
  file: string,
  values: Readonly<Record<string, string>> = {},
): Statement {
  const path = `sql/warehouse/${kind}/${file}.sql`;
  const all: Readonly<Record<string, string>> = { ...defaults, ...values };
  const sql = asset(path)
    .replace(/^--.*\n/gm, '')
    .replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = all[name];
      if (value === undefined || /['\\\n]/.test(value)) {
        throw new Failure(
          'bug',
          `${path} asks for \${${name}}, which is missing or not plain text`,
        );
      }
      return value;
    })
    .replace(/;\s*$/, '')
    .trim();
  return { name: file.replace(/^\d+_/, ''), kind, sql };
}

/**
 * Repeats what the file has between these marks, with a comma in between, for each day of a set. The parameters there
 * have the number of the day, from 1: `:ds_1`, `:ds_2`. The file itself is a statement for one day.
 */
const ofEachDay = /\/\* each day \*\/\s*(.*?)\s*\/\* end \*\//gs;

export const forDays = (one: Statement, count: number): Statement =>
  repeated(one, [...Array(count).keys()]);

/** For some days of a set, by their positions in it from 0; undefined without any, because a list cannot be empty. */
export const forDaysAt = (one: Statement, positions: readonly number[]): Statement | undefined =>
  positions.length === 0 ? undefined : repeated(one, positions);

const repeated = ({ sql, ...rest }: Statement, positions: readonly number[]): Statement => ({
  ...rest,
  sql: sql.replace(ofEachDay, (_, part: string) =>
    positions.map((position) => numbered(part, position)).join(', '),
  ),
});

const numbered = (part: string, index: number): string =>
  part.replace(/:(\w+)/g, (_, name: string) => `:${nameOfDay(name, index)}`);

/** The values of each day of a set, under the names that `forDays` gives them. */
export const parametersOfDays = (days: readonly Parameters[]): Parameters =>
  Object.fromEntries(
    days.flatMap((parameters, index) =>
      Object.entries(parameters).map(([name, value]) => [nameOfDay(name, index), value]),
    ),
  );

const nameOfDay = (name: string, index: number): string => `${name}_${String(index + 1)}`;

/** Where a colon does not begin a parameter: quoted texts and names, comments and casts. */
const withoutParameters = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--.*|::/g;

/** The parameters that the statements use; the Data API rejects any other. */
export function usedParameters(
  statements: readonly Statement[],
  parameters: Parameters,
): Parameters {
  const used = new Set(
    statements.flatMap(({ sql }) =>
      [...sql.replace(withoutParameters, ' ').matchAll(/:(\w+)/g)].map(([, name = '']) => name),
    ),
  );
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => used.has(name)));
}
