/** The rows of a purchases file, as COPY takes them. */
import { csvRecords, type CsvRecord, wrongLine } from './csv-records.ts';
import { asInputFailure, type InputFile, type Progress, unpack } from './input-file.ts';
import { columnOrder, columns } from './purchase-columns.ts';
import { WrongValue } from './purchase-values.ts';

/**
 * Yields the rows of each chunk as lines of COPY's text format, in the order of the table's columns. A blank
 * field is null. @throws a data failure for what does not fit: it names the line and the column.
 */
export async function* purchaseRows(
  file: InputFile,
  progress: Progress = { onDisk: 0, unpacked: 0 },
): AsyncGenerator<readonly string[]> {
  let order: readonly number[] | undefined;
  for await (const records of csvRecords(file.name, unpack(file, progress))) {
    const [header, ...rest] = records;
    if (order !== undefined) {
      yield rowsOf(file.name, records, order);
    } else if (header !== undefined) {
      order = columnOrder(file.name, header.fields);
      yield rowsOf(file.name, rest, order);
    }
  }
  if (order === undefined) columnOrder(file.name, undefined);
}

/** @throws a data failure for another format, or a wrong header. */
export async function checkHeader(file: InputFile): Promise<void> {
  const rows = purchaseRows(file);
  try {
    await rows.next();
  } catch (error) {
    throw asInputFailure(file, error);
  }
  await rows.return(undefined);
}

/** Reads the whole file. @throws a data failure for a row that does not fit, or damaged gzip. */
export async function countPurchaseRows(file: InputFile): Promise<number> {
  let count = 0;
  try {
    for await (const rows of purchaseRows(file)) count += rows.length;
  } catch (error) {
    throw asInputFailure(file, error);
  }
  return count;
}

function rowsOf(
  name: string,
  records: readonly CsvRecord[],
  order: readonly number[],
): readonly string[] {
  return records.map(({ line, fields }) => {
    if (fields.length !== columns.length) {
      const found = `${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`;
      throw wrongLine(name, `line ${line}`, `${found}; expected ${columns.length}`);
    }
    const values = columns.map(({ name: column, read }, index) => {
      const field = fields[order[index] ?? 0] ?? '';
      try {
        return field === '' ? String.raw`\N` : escaped(read(field));
      } catch (error) {
        if (!(error instanceof WrongValue)) throw error;
        throw wrongLine(name, `line ${line}, ${column}`, error.message);
      }
    });
    return `${values.join('\t')}\n`;
  });
}

const escapes: Readonly<Record<string, string>> = {
  '\\': String.raw`\\`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
};

/** The text format's special characters. */
const escaped = (value: string): string =>
  /[\\\n\r\t]/.test(value)
    ? value.replaceAll(/[\\\n\r\t]/g, (character) => escapes[character] ?? character)
    : value;
