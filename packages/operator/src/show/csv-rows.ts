/** The first rows of a CSV file, for reading by people: whatever is malformed is shown as it is. */

/** A quoted cell that ends properly, or anything up to the next comma. */
const cell = /"((?:[^"]|"")*)"(?=,|\r?\n|$)|([^,\n]*)/y;

export interface CsvRows {
  readonly columns: readonly string[];
  /** An empty cell without quotes is undefined. */
  readonly rows: readonly (readonly (string | undefined)[])[];
}

/** Reads up to `count` rows after the header. If the text `continues`, its last row is left out. */
export function readCsvRows(text: string, count: number, continues: boolean): CsvRows {
  const records: (string | undefined)[][] = [];
  let at = 0;
  while (at < text.length && records.length <= count) {
    const record: (string | undefined)[] = [];
    for (;;) {
      cell.lastIndex = at;
      const [whole = '', quoted, plain = ''] = cell.exec(text) ?? [];
      at += whole.length;
      const unquoted = plain.replace(/\r$/, '');
      record.push(quoted?.replaceAll('""', '"') ?? (unquoted === '' ? undefined : unquoted));
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    const isWhole = text[at] === '\n' || !continues;
    if (isWhole) records.push(record);
    at += 1;
  }
  const [header = [], ...rows] = records;
  const columns = header.map((name) => name ?? '');
  return { columns, rows: rows.map((row) => inColumns(row, columns.length)) };
}

/** The last column takes the cells that are too many. */
const inColumns = (row: readonly (string | undefined)[], columns: number) =>
  row.length <= columns
    ? row
    : [
        ...row.slice(0, columns - 1),
        row
          .slice(columns - 1)
          .map((one) => one ?? '')
          .join(','),
      ];
