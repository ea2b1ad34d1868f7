/** Coalesces many small reads from a stream into few large ones. */
import type { Duplex } from 'node:stream';

/** Bytes per turn of the event loop from which a reader continues without a pause. */
const fullRead = 64 * 1024;
/** Milliseconds. At 100 MB/s the server writes 200 kB meanwhile, which the socket's buffer holds. */
const pauseLength = 2;

/**
 * PostgreSQL sends 8 KiB at a time, and each write wakes an idle reader: with both on one machine,
 * that took a sixth of the processor time on each side. After a turn of the event loop that read less
 * than `fullRead`, this class pauses the stream for `pauseLength`; a reader that is behind never pauses.
 */
export class ReadCoalescer {
  readonly #stream: Duplex;
  #bytes = 0;
  #stopped = false;
  #endOfTurn: NodeJS.Immediate | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** Call after each read. `more` is false if the reader itself has stopped the stream. */
  onRead(bytes: number, more: boolean): void {
    this.#bytes += bytes;
    this.#stopped = !more;
    this.#endOfTurn ??= setImmediate(() => {
      this.#endOfTurn = undefined;
      const pause = this.#bytes < fullRead && !this.#stopped;
      this.#bytes = 0;
      if (pause) this.#pause();
    });
  }

  #pause(): void {
    this.#stream.pause();
    setTimeout(() => this.#stream.resume(), pauseLength);
  }
}
