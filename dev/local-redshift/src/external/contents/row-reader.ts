/** Turns the rows of a text file into fields, as the table's properties for unexpected data say. */
import { dataHandling } from './data-handling.ts';
import type { ExternalTable } from '../external-definition.ts';
import { scanError } from '../spectrum-files.ts';
import { splitFields, type FieldText, type TextFormat } from './text-records.ts';
import { invalidByte } from './utf8-text.ts';

/** The fields of a row, one for each column; undefined for a row that is dropped. @throws WarehouseError for FAIL. */
export type RowReader = (row: string) => readonly FieldText[] | undefined;

/** `compressed`: the number of columns is then not checked, as documented. `address` is for errors. */
export function rowReader(
  table: ExternalTable,
  format: TextFormat,
  address: string,
  compressed: boolean,
): RowReader {
  const handling = dataHandling(table.properties);
  const width = table.columns.length;
  const columnCount = compressed ? undefined : handling.columnCount;
  return (row) => {
    const fields = splitFields(row, format);
    if (fields.length !== width) {
      if (columnCount === 'DROP_ROW') return undefined;
      if (columnCount === 'FAIL') {
        throw scanError(
          `Unmatched number of columns between table and file. Table columns: ${width}, Data columns: ${fields.length}`,
          address,
        );
      }
    }
    // Surplus fields are dropped; missing fields are NULL.
    const padded =
      fields.length === width
        ? fields
        : Array.from({ length: width }, (_, index) => fields[index] ?? null);
    if (!row.includes(invalidByte)) return padded;
    switch (handling.invalidChar) {
      case 'FAIL':
        throw scanError('The data contains an invalid UTF-8 character', address);
      case 'DROP_ROW':
        return padded.map(() => null);
      case 'REPLACE':
        return padded.map((field) => field?.replaceAll(invalidByte, handling.replacement) ?? null);
      case 'DISABLED':
        return padded.map((field) => field?.replaceAll(invalidByte, '\uFFFD') ?? null);
      case 'SET_TO_NULL':
      case undefined:
        // The default, as in the examples of r_CREATE_EXTERNAL_TABLE.
        return padded.map((field) => (field?.includes(invalidByte) === true ? null : field));
    }
  };
}
