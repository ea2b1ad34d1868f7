/** Splits text files of external tables into rows and fields like Hive's readers, which Spectrum follows. */
import type { ExternalFormat } from '../external-definition.ts';

/** A missing field is NULL. */
export type FieldText = string | null;
type OpenCsv = Extract<ExternalFormat, { kind: 'opencsv' }>;
export type TextFormat = Exclude<ExternalFormat, { kind: 'parquet' }>;

/** The fields that the row has. With DELIMITED, quotes have no meaning: a comma inside them is a separator too. */
export function splitFields(row: string, format: TextFormat): FieldText[] {
  const fields =
    format.kind === 'opencsv' ? openCsvFields(row, format) : row.split(format.delimiter);
  const { nullText } = format;
  return nullText === undefined
    ? fields
    : fields.map((field) => (field === nullText ? null : field));
}

/**
 * Follows opencsv 2.3, on which the SerDe is based. Inside quotes, a doubled quote is a quote. The escape
 * character escapes a quote or itself and is dropped elsewhere. A field with an unclosed quote is lost.
 * Every field is text: an empty one is '', not NULL.
 */
function openCsvFields(row: string, format: OpenCsv): string[] {
  const { separator, quote, escape } = format;
  if (!row.includes(quote) && !row.includes(escape)) return row.split(separator);
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < row.length; at += 1) {
    const character = row[at] ?? '';
    const next = row[at + 1];
    if (character === escape && escape !== quote) {
      if (quoted && (next === quote || next === escape)) {
        field += next;
        at += 1;
      }
    } else if (character === quote) {
      if (quoted && next === quote) {
        field += quote;
        at += 1;
      } else {
        // A quote in the middle of a field, as in a,bc"d"ef,g, is part of the field.
        const atEdge =
          at <= 2 || row[at - 1] === separator || next === undefined || next === separator;
        // Leading white space is dropped (ignoreLeadingWhiteSpace).
        if (!atEdge) field = /^\s+$/.test(field) ? '' : field + quote;
        quoted = !quoted;
      }
    } else if (character === separator && !quoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  if (!quoted) fields.push(field);
  return fields;
}

/** The rows of a text that arrives in pieces. `wholeFile` keeps the line breaks inside quotes. */
export async function* splitRows(
  pieces: AsyncIterable<string>,
  format: TextFormat,
): AsyncGenerator<string> {
  const multiline = format.kind === 'opencsv' && format.wholeFile ? format : undefined;
  let rest = '';
  let open = '';
  for await (const piece of pieces) {
    rest += piece;
    // A carriage return at the end may be half of a line break.
    const usable = rest.endsWith('\r') ? rest.length - 1 : rest.length;
    const lines = rest.slice(0, usable).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + rest.slice(usable);
    for (const line of lines) {
      const row = open + line;
      if (multiline !== undefined && hasOpenQuote(row, multiline)) open = `${row}\n`;
      else {
        yield row;
        open = '';
      }
    }
  }
  const last = open + rest.replace(/\r$/, '');
  if (last !== '') yield last;
}

function hasOpenQuote(row: string, { quote, escape }: OpenCsv): boolean {
  const plain =
    escape === quote ? row : row.replaceAll(escape + escape, '').replaceAll(escape + quote, '');
  return plain.split(quote).length % 2 === 0;
}

/** A row in the format that external-view.ts reads: every field is quoted, NULL is empty. */
export function canonicalRow(fields: readonly FieldText[]): string {
  return `${fields
    .map((field) => (field === null ? '' : `"${field.replaceAll('"', '""')}"`))
    .join(',')}\n`;
}
