/** Collects messages for a client, and sends them no faster than it reads. */
import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Bytes that are collected before they are sent. */
const batchSize = 64 * 1024;

export class ClientOutput {
  readonly #socket: Socket;
  #messages: Buffer[] = [];
  #size = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(message: Buffer): void {
    this.#messages.push(message);
    this.#size += message.length;
  }

  async flushIfFull(): Promise<void> {
    if (this.#size > batchSize) await this.flush();
  }

  /** Waits while the client does not read, so that a large result is not held a second time. */
  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#messages);
    this.#messages = [];
    this.#size = 0;
    if (this.#socket.destroyed || this.#socket.write(bytes)) return;
    const closed = new AbortController();
    const close = () => {
      closed.abort();
    };
    this.#socket.once('close', close);
    await once(this.#socket, 'drain', { signal: closed.signal }).catch(() => undefined);
    this.#socket.off('close', close);
  }
}
