/** One COPY … TO STDOUT over node-postgres: the rows go through the scanner, all else to node-postgres. */
import type { Duplex } from 'node:stream';
import { Failure } from '@user-behaviour/shared/failure';
import type { Connection, Submittable } from 'pg';
import { type CsvScanner, stops } from './csv-scanner.ts';
import { type Diversion, divert } from './raw-socket.ts';

/** Where the CSV goes, in the scanner's memory. */
export interface RowTarget {
  /** Where the next row goes … */
  position: number;
  /** … and where there is no more room. */
  readonly limit: number;
  /** Told when rows have been written. */
  readonly grown: () => void;
  /** Asked for more room. A promise when that has to be waited for. */
  readonly turn: () => Promise<void> | undefined;
}

const copyDone = 0x63;
const errorResponse = 0x45;

/** Run with `client.query(copy)`; `done` tells PostgreSQL's own count of the rows. */
export class CopyOut implements Submittable {
  readonly done: Promise<number>;
  readonly #text: string;
  readonly #scanner: CsvScanner;
  readonly #target: RowTarget;
  #end: PromiseWithResolvers<number> = Promise.withResolvers();
  #stream: Duplex | undefined;
  #diversion: Diversion | undefined;
  #failed = false;
  #count = 0;
  #waiting = false;
  /** Until the server has said that it is done, or has failed. */
  isRunning = true;

  constructor(text: string, scanner: CsvScanner, target: RowTarget) {
    this.#text = text;
    this.#scanner = scanner;
    this.#target = target;
    this.done = this.#end.promise;
    // Awaited by the caller; until then a failure must not count as unhandled.
    this.done.catch(() => undefined);
  }

  submit(connection: Connection): void {
    // A copy that failed may have left something.
    this.#scanner.takeRest();
    this.#stream = connection.stream;
    this.#diversion = divert(this.#stream, {
      space: () => this.#scanner.space(),
      accept: (chunk) => {
        // Read and dropped, so that the server notices that it has been cancelled.
        if (this.#failed) return true;
        try {
          this.#scanner.accept(chunk);
          return this.#advance();
        } catch (error) {
          this.#fail(error);
          return true;
        }
      },
    });
    connection.query(this.#text);
  }

  /** Scans what is there; false while there is no room for more. */
  #advance(): boolean {
    if (this.#waiting) return false;
    for (;;) {
      const stop = this.#scanner.scan(this.#target.position, this.#target.limit);
      this.#target.position = this.#scanner.written;
      this.#target.grown();
      if (stop === stops.moreInput) return true;
      if (stop === stops.noRow) {
        throw new Failure('bug', 'the source sent a message of COPY that is no row of text');
      }
      if (stop === stops.otherMessage) {
        const message = this.#scanner.takeMessage();
        if (message === undefined) return true;
        if (this.#pass(message)) return true;
        continue;
      }
      const room = this.#target.turn();
      if (room === undefined) continue;
      this.#waiting = true;
      room.then(
        () => {
          this.#resume();
        },
        (error: unknown) => {
          this.#fail(error);
        },
      );
      return false;
    }
  }

  #resume(): void {
    this.#waiting = false;
    try {
      if (this.#advance()) this.#stream?.resume();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Hands a message to node-postgres; true when there will be no more rows. */
  #pass(message: Buffer): boolean {
    const last = message[0] === copyDone || message[0] === errorResponse;
    const rest = last ? this.#scanner.takeRest() : undefined;
    if (last) this.#diversion?.end();
    this.#diversion?.pass(message);
    if (rest !== undefined && rest.length > 0) this.#diversion?.pass(rest);
    return last;
  }

  /** Ends the copy here; who calls also cancels it at the server. */
  stop(reason: unknown): void {
    this.#fail(reason);
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#end.reject(error);
    this.#stream?.resume();
  }

  // What follows is called by node-postgres.

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#count = Number(/^COPY (\d+)$/.exec(text)?.[1]);
  }

  handleReadyForQuery(): void {
    this.isRunning = false;
    this.#end.resolve(this.#count);
  }

  handleError(error: unknown): void {
    this.isRunning = false;
    this.#diversion?.end();
    this.#fail(error);
  }
}
