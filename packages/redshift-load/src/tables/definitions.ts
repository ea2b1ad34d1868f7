/** What the statements of sql/warehouse declare of the warehouse's own tables; pure. */
import { assetNames } from '@user-behaviour/shared/asset';
import { Failure } from '@user-behaviour/shared/failure';
import { type Statement, statement } from '../data-api/sql.ts';

/** A column and its type as the statements write it, e.g. `decimal(18, 5)`. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** Creates a table with these columns, or adds one column to a table that exists. */
export interface Definition {
  /** The file without folder and ending, e.g. `001_load_sql`. */
  readonly file: string;
  readonly statement: Statement;
  readonly adds: 'table' | 'column';
  /** With its schema. */
  readonly table: string;
  readonly columns: readonly Column[];
}

export interface Migration extends Definition {
  /** Migrations are applied in the order of their numbers. */
  readonly number: number;
}

const tableFiles = [
  '040_user_behavior_metric',
  '050_user_behavior_metric_load',
  '060_user_behavior_metric_load_lock',
  '070_user_behavior_metric_migration',
];

/** The tables as the first release made them. */
export const firstTables = (): readonly Definition[] =>
  tableFiles.map((file) => definition(file, statement('ddl', file)));

/** All that this release knows, in the order of their numbers. */
export const migrations = (): readonly Migration[] =>
  assetNames('sql/warehouse/migration').map((name) => {
    const file = name.replace(/\.sql$/, '');
    return migration(file, statement('migration', file));
  });

/** @throws a bug if the statement is more than a migration may do: see sql/README.md. */
export function migration(file: string, sql: Statement): Migration {
  const [, number] = /^(\d{3})_\w+$/.exec(file) ?? [];
  if (number === undefined) throw wrong(file, 'a name such as 002_purchase_count.sql');
  return { ...definition(file, sql), number: Number(number) };
}

const wrong = (file: string, expected: string): Failure =>
  new Failure('bug', `sql/warehouse/migration/${file}.sql: expected ${expected}`);

function definition(file: string, sql: Statement): Definition {
  const [, made, body = ''] =
    /^create table if not exists (public\.\w+) \((.*?)\n\)/s.exec(sql.sql) ?? [];
  if (made !== undefined) {
    const columns = body.split(/,\n/).map((line) => column(line, file));
    return { file, statement: sql, adds: 'table', table: made, columns };
  }
  const [, changed, added = ''] =
    /^alter table (public\.\w+)\s+add column ([^;]+)$/.exec(sql.sql) ?? [];
  if (changed === undefined || /\bnot\s+null\b/i.test(added)) {
    throw wrong(
      file,
      'one statement that creates a table of schema public if it does not exist, or adds a column that takes null to one',
    );
  }
  return { file, statement: sql, adds: 'column', table: changed, columns: [column(added, file)] };
}

/** A name, a type, perhaps with its length, and what else is declared. */
function column(text: string, file: string): Column {
  const [, name, word, length] = /^\s*(\w+)\s+(\w+)(?:\s*\(([\d\s,]+)\))?/.exec(text) ?? [];
  if (name === undefined || word === undefined) throw wrong(file, `a column, not ${text.trim()}`);
  return { name, type: typeName(word, length) };
}

const sameTypes: Readonly<Record<string, string>> = {
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  bool: 'boolean',
  numeric: 'decimal',
  'character varying': 'varchar',
  character: 'char',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  float8: 'double precision',
  float4: 'real',
};

/** One name for each type; `length` is that of a text, or precision and scale. */
export function typeName(word: string, length?: string): string {
  const lower = word.toLowerCase();
  const name = sameTypes[lower] ?? lower;
  return length === undefined
    ? name
    : `${name}(${length
        .split(',')
        .map((part) => part.trim())
        .join(', ')})`;
}
