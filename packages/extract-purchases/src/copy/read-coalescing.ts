/** Lets bytes gather at a socket before they are read. */
import type { Duplex } from 'node:stream';

/** Bytes that are worth being woken for. */
const worthwhile = 64 * 1024;
/** Milliseconds; a server that writes 100 MB a second has written 200 kB then, which a socket holds. */
const pause = 2;

/**
 * PostgreSQL sends 8 KiB at a time, and each of them wakes a reader that has nothing else to do: on
 * one machine that cost both sides a sixth of their processor time. After a turn of the event loop
 * that brought little, nothing is read for two milliseconds; a reader that is behind never rests.
 */
export class Gathering {
  readonly #stream: Duplex;
  #bytes = 0;
  #blocked = false;
  #turn: NodeJS.Immediate | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** Told of each read; `more` is false where the reader itself has stopped the stream. */
  after(bytes: number, more: boolean): void {
    this.#bytes += bytes;
    this.#blocked = !more;
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      const rests = this.#bytes < worthwhile && !this.#blocked;
      this.#bytes = 0;
      if (rests) this.#rest();
    });
  }

  #rest(): void {
    this.#stream.pause();
    setTimeout(() => this.#stream.resume(), pause);
  }
}
