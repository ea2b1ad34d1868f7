/** Reads what a client sends: the start-up packet, then messages that begin with a letter (protocol 3.0). */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { BufferReader } from 'pg-protocol/dist/buffer-reader.js';

/** A longer message is not a statement but a mistake, or another protocol. Before the login, PostgreSQL's limit. */
const lengthLimit = 64 * 2 ** 20;
export const loginLimit = 10_000;

export interface ClientMessage {
  /** One letter, e.g. `Q`; empty for a start-up packet. */
  readonly type: string;
  readonly body: Buffer;
}

/** The next message, or undefined once the client has gone. @throws RangeError for an impossible length. */
export async function readMessage(
  socket: Socket,
  typed: boolean,
  limit = lengthLimit,
): Promise<ClientMessage | undefined> {
  const head = await readBytes(socket, typed ? 5 : 4);
  if (head === undefined) return undefined;
  const length = head.readInt32BE(head.length - 4) - 4;
  if (length < 0 || length > limit) throw new RangeError('invalid message length');
  const body = length === 0 ? Buffer.alloc(0) : await readBytes(socket, length);
  return body && { type: typed ? head.toString('latin1', 0, 1) : '', body };
}

async function readBytes(socket: Socket, count: number): Promise<Buffer | undefined> {
  for (;;) {
    const bytes = socket.read(count) as Buffer | null;
    // At its end, a stream returns what is left.
    if (bytes !== null) return bytes.length === count ? bytes : undefined;
    if (socket.readableEnded || socket.destroyed) return undefined;
    const waiting = new AbortController();
    const closed = () => {
      waiting.abort();
    };
    socket.once('close', closed);
    await once(socket, 'readable', { signal: waiting.signal }).catch(() => undefined);
    socket.off('close', closed);
  }
}

/** Reads the fields of a message's body in order. */
export class Fields {
  readonly #reader = new BufferReader();

  constructor(body: Buffer) {
    this.#reader.setBuffer(0, body);
  }

  text(): string {
    return this.#reader.cstring();
  }

  letter(): string {
    return String.fromCharCode(this.#reader.byte());
  }

  int16(): number {
    return this.#reader.int16();
  }

  int32(): number {
    return this.#reader.int32();
  }

  /** A list with its length before it. */
  list<T>(item: () => T): T[] {
    return Array.from({ length: this.#reader.int16() }, item);
  }

  /** Bytes with their length before them; null for -1. */
  value(): Buffer | null {
    const length = this.#reader.int32();
    return length < 0 ? null : this.#reader.bytes(length);
  }
}
