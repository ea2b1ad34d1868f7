/** Frames of PostgreSQL's frontend/backend protocol 3.0: a type byte, four bytes of length, the content. */

export interface Message {
  /** Empty for the first message of a connection, which has no type. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** Splits a byte stream into messages. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);
  #starting: boolean;

  /** A client's stream starts with a message without a type byte. */
  constructor({ startup }: { readonly startup: boolean }) {
    this.#starting = startup;
  }

  push(bytes: Buffer): Message[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const messages: Message[] = [];
    for (;;) {
      const head = this.#starting ? 0 : 1;
      if (this.#rest.length < head + 4) return messages;
      const length = head + this.#rest.readInt32BE(head);
      if (this.#rest.length < length) return messages;
      messages.push({
        type: this.#starting ? '' : String.fromCharCode(this.#rest[0] ?? 0),
        bytes: this.#rest.subarray(0, length),
      });
      this.#rest = this.#rest.subarray(length);
      this.#starting = false;
    }
  }
}

/** The SQL of a Query or a Parse message; undefined for any other. */
export function sqlOf({ type, bytes }: Message): string | undefined {
  if (type === 'Q') return bytes.toString('utf8', 5, bytes.length - 1);
  if (type !== 'P') return undefined;
  const name = bytes.indexOf(0, 5);
  return bytes.toString('utf8', name + 1, bytes.indexOf(0, name + 1));
}

/** A FATAL ErrorResponse, as after `pg_terminate_backend`. */
export function fatalError(code: string, text: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
