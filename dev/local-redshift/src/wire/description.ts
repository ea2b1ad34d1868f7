/** Finds the parameters and columns of a statement, which a client may ask for before it binds values. */
import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import { fillPlaceholders, knownType, typedNull } from './values/bound-values.ts';
import { oids, resultColumn, type ResultColumn } from './values/column-types.ts';
import type { Token } from '../sql/sql-tokens.ts';

export interface Description {
  /** The type of each parameter; 0 if it is unknown. */
  readonly parameters: readonly number[];
  /** Undefined for a command, which returns no rows. */
  readonly columns: readonly ResultColumn[] | undefined;
}

/** Plans and prepares a query for DuckDB; undefined for a command, which has no result and may need what is not there yet. */
type Prepare = (tokens: readonly Token[]) => Promise<DuckDBPreparedStatement | undefined>;

/** Describes the statement with nulls in place of its values. */
export async function describeStatement(
  statement: readonly Token[],
  declared: readonly number[],
  prepare: Prepare,
): Promise<Description> {
  const parameters = declared.includes(0)
    ? await inferTypes(statement, declared, prepare)
    : declared;
  const typed = (number: number) => typedNull(knownType(parameters[number - 1], oids.varchar));
  const prepared = await prepare(fillPlaceholders(statement, typed))
    // E.g. a date is compared with a parameter that was declared as text: a literal has no type yet.
    .catch(() => prepare(fillPlaceholders(statement, () => typedNull(0))));
  return { parameters, columns: prepared && columnsOf(prepared) };
}

/** Asks DuckDB for the types that were not declared. Where it cannot say, they remain unknown. */
async function inferTypes(
  statement: readonly Token[],
  declared: readonly number[],
  prepare: Prepare,
): Promise<readonly number[]> {
  const prepared = await prepare(statement).catch(() => undefined);
  if (prepared === undefined) return declared;
  return declared.map((oid, at) => (oid === 0 ? parameterType(prepared, at + 1) : oid));
}

function parameterType(prepared: DuckDBPreparedStatement, index: number): number {
  try {
    return resultColumn('', prepared.parameterType(index)).oid;
  } catch {
    return 0;
  }
}

function columnsOf(prepared: DuckDBPreparedStatement): ResultColumn[] {
  return Array.from({ length: prepared.columnCount }, (_, at) =>
    resultColumn(prepared.columnName(at), prepared.columnType(at)),
  );
}
