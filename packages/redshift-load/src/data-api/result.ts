/** The result of a finished statement, fetched page by page; every value is text. */
import {
  type Field,
  GetStatementResultCommand,
  type GetStatementResultResponse,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';

export interface Table {
  readonly columns: readonly string[];
  /** Redshift's names of the columns' types, e.g. `int4`. */
  readonly types: readonly string[];
  readonly rows: readonly (readonly (string | undefined)[])[];
}

/** A row by the names of its columns. */
export type Row = Readonly<Record<string, string | undefined>>;

export async function fetchTable(client: RedshiftDataClient, Id: string): Promise<Table> {
  const pages: Table[] = [];
  let next: string | undefined;
  do {
    const page = await attempt(`fetch the result of statement ${Id}`, () =>
      client.send(
        new GetStatementResultCommand({ Id, ...(next === undefined ? {} : { NextToken: next }) }),
      ),
    );
    pages.push(readPage(page));
    next = page.NextToken === '' ? undefined : page.NextToken;
  } while (next !== undefined);
  const { columns, types } = pages[0] ?? emptyTable;
  return { columns, types, rows: pages.flatMap(({ rows }) => rows) };
}

export const emptyTable: Table = { columns: [], types: [], rows: [] };

export const readPage = (page: Partial<GetStatementResultResponse>): Table => ({
  columns: (page.ColumnMetadata ?? []).map(({ name }) => name ?? ''),
  types: (page.ColumnMetadata ?? []).map(({ typeName }) => typeName ?? ''),
  rows: (page.Records ?? []).map((record) => record.map(text)),
});

export const namedRows = ({ columns, rows }: Table): Row[] =>
  rows.map((row) => Object.fromEntries(row.map((value, index) => [columns[index] ?? '', value])));

function text(field: Field): string | undefined {
  if (field.isNull === true) return undefined;
  const value = field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue;
  return value === undefined ? undefined : String(value);
}
