/** One statement of sql/warehouse, ready to send; pure. */
import { asset } from '@user-behaviour/shared/asset';
import { Failure } from '@user-behaviour/shared/failure';

export interface Statement {
  /** Its file without folder, number and ending, e.g. `one_row_per_customer`. */
  readonly name: string;
  readonly kind: 'ddl' | 'partition' | 'load' | 'audit';
  readonly sql: string;
}

/** Every value is text: the Data API casts it where the statement says so. None may be empty. */
export type Parameters = Readonly<Record<string, string>>;

/** U+0001: no text of the source has it, so the SerDe never takes a backslash for an escape. */
const csvEscape = '\u0001';

/** Reads a file of sql/warehouse, fills in `${…}` and leaves the comments out. Values must have been validated. */
export function statement(
  kind: Statement['kind'],
  file: string,
  values: Readonly<Record<string, string>> = {},
): Statement {
  const path = `sql/warehouse/${kind}/${file}.sql`;
  const all: Readonly<Record<string, string>> = { csv_escape: csvEscape, ...values };
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

/** Where a colon does not begin a parameter: quoted texts and names, comments, casts. */
const withoutParameters = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--.*|::/g;

/** The parameters that the statements use: the Data API refuses any other. */
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
