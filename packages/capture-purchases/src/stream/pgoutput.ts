/**
 * Decodes the messages of pgoutput, version 1 of its protocol (PostgreSQL manual, "Logical Replication Message
 * Formats"). Values stay bytes: what is hashed must be what COPY would write.
 */
import { Failure } from '@user-behaviour/shared/failure';

/** A value as text in UTF-8, null, or undefined where the server left out an unchanged TOAST value. */
export type Value = Buffer | null | undefined;
export type Row = readonly Value[];

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
}

export type Message =
  | { readonly type: 'begin'; readonly xid: number }
  /** `end` is the place in the log after the transaction. */
  | { readonly type: 'commit'; readonly end: bigint }
  | { readonly type: 'relation'; readonly relation: Relation }
  | { readonly type: 'insert'; readonly oid: number; readonly after: Row }
  /** `before` is undefined if the identity of the table is not full. */
  | {
      readonly type: 'update';
      readonly oid: number;
      readonly before: Row | undefined;
      readonly after: Row;
    }
  | { readonly type: 'delete'; readonly oid: number; readonly before: Row | undefined }
  | { readonly type: 'truncate'; readonly oids: readonly number[] };

class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  short(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }

  int(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }

  long(): bigint {
    return this.#bytes.readBigUInt64BE(this.#advance(8));
  }

  skip(bytes: number): void {
    this.#advance(bytes);
  }

  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Without a copy: valid only as long as the message. */
  bytes(length: number): Buffer {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, this.#at);
  }

  #advance(bytes: number): number {
    const start = this.#at;
    this.#at += bytes;
    return start;
  }
}

const letter = (text: string): number => text.charCodeAt(0);
const [oldRow, key, newRow] = [letter('O'), letter('K'), letter('N')];
const [nothing, unchanged, asText] = [letter('n'), letter('u'), letter('t')];

/**
 * Returns undefined for messages that say nothing about rows. The message begins at `at`.
 * @throws a bug failure for a message that protocol version 1 does not have.
 */
export function decode(bytes: Buffer, at = 0): Message | undefined {
  const reader = new Reader(bytes, at + 1);
  switch (String.fromCharCode(bytes[at] ?? 0)) {
    case 'B':
      reader.skip(16);
      return { type: 'begin', xid: reader.int() };
    case 'C':
      reader.skip(9);
      return { type: 'commit', end: reader.long() };
    case 'R':
      return { type: 'relation', relation: relationOf(reader) };
    case 'I': {
      const oid = reader.int();
      reader.skip(1);
      return { type: 'insert', oid, after: rowOf(reader) };
    }
    case 'U':
      return updateOf(reader);
    case 'D': {
      const oid = reader.int();
      return { type: 'delete', oid, before: beforeOf(reader, reader.byte()) };
    }
    case 'T': {
      const count = reader.int();
      reader.skip(1);
      return { type: 'truncate', oids: Array.from({ length: count }, () => reader.int()) };
    }
    // Types, origins, and messages that a function has written.
    case 'Y':
    case 'O':
    case 'M':
      return undefined;
    default:
      throw new Failure('bug', `pgoutput sent a message of the unknown type ${String(bytes[at])}`);
  }
}

function relationOf(reader: Reader): Relation {
  const oid = reader.int();
  const [schema, name] = [reader.text(), reader.text()];
  reader.skip(1);
  const columns = Array.from({ length: reader.short() }, () => {
    reader.skip(1);
    const column = reader.text();
    reader.skip(8);
    return column;
  });
  return { oid, schema, name, columns };
}

function updateOf(reader: Reader): Message {
  const oid = reader.int();
  const mark = reader.byte();
  if (mark === newRow) return { type: 'update', oid, before: undefined, after: rowOf(reader) };
  const before = beforeOf(reader, mark);
  reader.skip(1);
  const after = rowOf(reader);
  // A large value that the update does not touch is sent only with the old row.
  return {
    type: 'update',
    oid,
    before,
    after: after.map((value, index) => (value === undefined ? before?.[index] : value)),
  };
}

/** With the key alone, the old row is unknown. */
function beforeOf(reader: Reader, mark: number): Row | undefined {
  const row = rowOf(reader);
  if (mark !== oldRow && mark !== key) {
    throw new Failure('bug', `pgoutput sent a row of the unknown kind ${String(mark)}`);
  }
  return mark === oldRow ? row : undefined;
}

const rowOf = (reader: Reader): Row =>
  Array.from({ length: reader.short() }, () => {
    const kind = reader.byte();
    if (kind === nothing) return null;
    if (kind === unchanged) return undefined;
    if (kind === asText) return reader.bytes(reader.int());
    throw new Failure('bug', `pgoutput sent a value of the unknown kind ${String(kind)}`);
  });
