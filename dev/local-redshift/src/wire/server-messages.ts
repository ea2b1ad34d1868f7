/** Writes the messages of the server (protocol 3.0). */
import { Writer } from 'pg-protocol/dist/buffer-writer.js';
import type { ResultColumn } from './values/column-types.ts';

/** `I` idle, `T` in a transaction, `E` in a failed one. */
export type TransactionStatus = 'I' | 'T' | 'E';

const code = (letter: string): number => letter.charCodeAt(0);
const writer = new Writer();
const empty = (letter: string): Buffer => writer.flush(code(letter));

export const parseComplete = empty('1');
export const bindComplete = empty('2');
export const closeComplete = empty('3');
export const noData = empty('n');
export const emptyQueryResponse = empty('I');
export const portalSuspended = empty('s');

/** 0: accepted; 5: an MD5 password is expected, with `salt`. */
export function authentication(kind: 0 | 5, salt = Buffer.alloc(0)): Buffer {
  return writer.addInt32(kind).add(salt).flush(code('R'));
}

export function parameterStatus(name: string, value: string): Buffer {
  return writer.addCString(name).addCString(value).flush(code('S'));
}

export function backendKeyData(process: number, secret: number): Buffer {
  return writer.addInt32(process).addInt32(secret).flush(code('K'));
}

export function readyForQuery(status: TransactionStatus): Buffer {
  return writer.addString(status).flush(code('Z'));
}

export function commandComplete(tag: string): Buffer {
  return writer.addCString(tag).flush(code('C'));
}

export function parameterDescription(oids: readonly number[]): Buffer {
  writer.addInt16(oids.length);
  for (const oid of oids) writer.addInt32(oid);
  return writer.flush(code('t'));
}

/** `binary` says for each column whether its values are binary. */
export function rowDescription(
  columns: readonly ResultColumn[],
  binary: readonly boolean[],
): Buffer {
  writer.addInt16(columns.length);
  for (const [index, { name, oid, size, modifier }] of columns.entries()) {
    writer.addCString(name).addInt32(0).addInt16(0).addInt32(oid).addInt16(size).addInt32(modifier);
    writer.addInt16(binary[index] === true ? 1 : 0);
  }
  return writer.flush(code('T'));
}

export function dataRow(cells: readonly (string | Buffer | null)[]): Buffer {
  writer.addInt16(cells.length);
  for (const cell of cells) {
    if (cell === null) writer.addInt32(-1);
    else if (typeof cell === 'string') writer.addInt32PrefixedString(cell);
    else writer.addInt32(cell.length).add(cell);
  }
  return writer.flush(code('D'));
}

export interface ErrorFields {
  readonly severity: 'ERROR' | 'FATAL';
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string | undefined;
}

export function errorResponse({ severity, sqlstate, message, detail }: ErrorFields): Buffer {
  const fields = { S: severity, V: severity, C: sqlstate, M: message, D: detail };
  for (const [letter, value] of Object.entries(fields)) {
    if (value !== undefined) writer.addString(letter).addCString(value);
  }
  return writer.addCString('').flush(code('E'));
}
