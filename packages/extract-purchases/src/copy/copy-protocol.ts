/** Runs one COPY … TO STDOUT on a node-postgres connection, with its rows converted outside node-postgres. */
import type { Duplex } from 'node:stream';
import { Failure } from '@user-behaviour/shared/failure';
import type { Connection, Submittable } from 'pg';
import { type CsvScanner, stopReasons } from '@user-behaviour/source/csv-scanner';
import { interceptData, type Interception } from './raw-socket.ts';

/** Where the CSV goes. Positions are byte offsets in the scanner's memory. */
export interface RowTarget {
  /** Where the next row is written. */
  position: number;
  /** Where the current part must end. */
  readonly limit: number;
  /** Called after rows have been written up to `position`. */
  readonly onRowsWritten: () => void;
  /** Moves `position` and `limit` to the next part. Returns a promise if its memory is still in use. */
  readonly nextPart: () => Promise<void> | undefined;
}

/** Types of backend messages (PostgreSQL manual, "Message Formats"): 'c' and 'E'. */
const copyDone = 0x63;
const errorResponse = 0x45;

/**
 * A query for `client.query(copy)`. Row messages go to the scanner, and every other message goes to
 * node-postgres, which calls the `handle…` methods.
 */
export class CopyOut implements Submittable {
  /** Resolves with PostgreSQL's own count of the copied rows. */
  readonly done: Promise<number>;
  readonly #sql: string;
  readonly #scanner: CsvScanner;
  readonly #target: RowTarget;
  #completion: PromiseWithResolvers<number> = Promise.withResolvers();
  #stream: Duplex | undefined;
  #interception: Interception | undefined;
  #aborted = false;
  #rowCount = Number.NaN;
  #waiting = false;
  /** False once the server has completed the query or reported an error. */
  isRunning = true;

  constructor(sql: string, scanner: CsvScanner, target: RowTarget) {
    this.#sql = sql;
    this.#scanner = scanner;
    this.#target = target;
    this.done = this.#completion.promise;
    // The caller awaits `done` later; until then a rejection must not count as unhandled.
    this.done.catch(() => undefined);
  }

  submit(connection: Connection): void {
    // An earlier copy that failed may have left input behind.
    this.#scanner.takeRemainingInput();
    this.#stream = connection.stream;
    this.#interception = interceptData(this.#stream, {
      buffer: () => this.#scanner.inputBuffer(),
      write: (chunk) => {
        // Keep reading and discard the data, so that the server can process the cancellation.
        if (this.#aborted) return true;
        try {
          this.#scanner.addInput(chunk);
          return this.#convertInput();
        } catch (error) {
          this.abort(error);
          return true;
        }
      },
    });
    connection.query(this.#sql);
  }

  /** Converts the input. Returns false if it has to wait for a part's memory. */
  #convertInput(): boolean {
    if (this.#waiting) return false;
    for (;;) {
      const reason = this.#scanner.scan(this.#target.position, this.#target.limit);
      this.#target.position = this.#scanner.outputEnd;
      this.#target.onRowsWritten();
      if (reason === stopReasons.needsInput) return true;
      if (reason === stopReasons.invalidRow) {
        throw new Failure('bug', 'the source sent a COPY message that is not a row in text format');
      }
      if (reason === stopReasons.otherMessage) {
        const message = this.#scanner.takeMessage();
        if (message === undefined) return true;
        if (this.#forward(message)) return true;
        continue;
      }
      const free = this.#target.nextPart();
      if (free === undefined) continue;
      this.#waiting = true;
      free.then(
        () => {
          this.#resume();
        },
        (error: unknown) => {
          this.abort(error);
        },
      );
      return false;
    }
  }

  #resume(): void {
    this.#waiting = false;
    try {
      if (this.#convertInput()) this.#stream?.resume();
    } catch (error) {
      this.abort(error);
    }
  }

  /** Forwards a message to node-postgres. Returns true if no more rows follow it. */
  #forward(message: Buffer): boolean {
    const isLast = message[0] === copyDone || message[0] === errorResponse;
    const rest = isLast ? this.#scanner.takeRemainingInput() : undefined;
    if (isLast) this.#interception?.end();
    this.#interception?.forward(message);
    if (rest !== undefined && rest.length > 0) this.#interception?.forward(rest);
    return isLast;
  }

  /** Rejects `done` and discards further rows. The caller must cancel the query at the server. */
  abort(reason: unknown): void {
    this.#aborted = true;
    this.#completion.reject(reason);
    this.#stream?.resume();
  }

  // node-postgres calls the following methods.

  handleCommandComplete({ text }: { readonly text: string }): void {
    // Statements around the copy also complete.
    const rows = /^COPY (\d+)$/.exec(text)?.[1];
    if (rows !== undefined) this.#rowCount = Number(rows);
  }

  handleReadyForQuery(): void {
    this.isRunning = false;
    this.#completion.resolve(this.#rowCount);
  }

  handleError(error: unknown): void {
    this.isRunning = false;
    this.#interception?.end();
    this.abort(error);
  }
}
