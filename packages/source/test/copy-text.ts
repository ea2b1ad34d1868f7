/** A second implementation of COPY's formats, written from PostgreSQL's manual: text as sent over the wire, and CSV. */

export type Field = string | null;

const escapes: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

const textField = (field: Field) =>
  field === null ? '\\N' : field.replace(/[\b\f\n\r\t\v\\]/g, (letter) => escapes[letter] ?? '');

/** A message of the protocol: its type, its length and its content. */
export function message(type: string, content: Uint8Array | string): Buffer {
  const body = Buffer.from(content);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** The row as a CopyData message. */
export const wireRow = (row: readonly Field[]): Buffer =>
  message('d', `${row.map(textField).join('\t')}\n`);

function csvField(field: Field, isOnlyField: boolean): string {
  if (field === null) return '';
  const quoted = field === '' || /[",\n\r]/.test(field) || (isOnlyField && field === '\\.');
  return quoted ? `"${field.replaceAll('"', '""')}"` : field;
}

export const csvRow = (row: readonly Field[]): string =>
  `${row.map((field) => csvField(field, row.length === 1)).join(',')}\n`;

/** The messages after the last row: CopyDone, CommandComplete, ReadyForQuery. */
export const endOfCopy = (rows: number): Buffer =>
  Buffer.concat([message('c', ''), message('C', `COPY ${String(rows)}\0`), message('Z', 'T')]);
