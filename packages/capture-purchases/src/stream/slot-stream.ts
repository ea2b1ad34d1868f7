/**
 * Reads a replication slot up to a place in the log, over a connection of node-postgres (PostgreSQL manual,
 * "Streaming Replication Protocol"). Nothing is acknowledged until `acknowledge` is called.
 */
import type { Socket } from 'node:net';
import { Failure } from '@user-behaviour/shared/failure';
import { sourceFailure } from '@user-behaviour/source/errors';
import type { Client, Connection, Submittable } from 'pg';
import { decode, type Message } from './pgoutput.ts';
import { formatPosition } from './position.ts';

export interface SlotStreamOptions {
  readonly slot: string;
  readonly publication: string;
  /** Transactions that ended before it are left out, whatever the slot remembers. */
  readonly from: bigint;
  /** The stream has been read when a commit, or the server's own position between two transactions, reaches it. */
  readonly target: bigint;
  readonly onMessage: (message: Message) => void;
  /**
   * Called between two transactions, with a place in the log before which all has been sent; it may be before `from`. If it
   * returns a promise, nothing more is read until that is fulfilled; the server may then forget what it has kept up to
   * this place.
   */
  readonly onPlace: (position: bigint) => Promise<void> | undefined;
  /** Milliseconds without a byte from the server. */
  readonly patience: number;
  readonly signal: AbortSignal;
}

/** The parts of node-postgres' connection that its types leave out. */
type ReplicationConnection = Connection & {
  readonly stream: Pick<Socket, 'pause' | 'resume'>;
  readonly sendCopyFromChunk: (chunk: Buffer) => void;
  readonly endCopyFrom: () => void;
};

const [walData, keepalive, statusUpdate] = ['w', 'k', 'r'].map((type) => type.charCodeAt(0));
/** Of the header of a message with data. */
const headerBytes = 25;
/** Milliseconds between messages to the server, which ends a connection that is silent for 60 s by default. */
const statusInterval = 10_000;

export class SlotStream implements Submittable, Disposable {
  readonly #options: SlotStreamOptions;
  readonly #read = Promise.withResolvers<bigint>();
  readonly #ended = Promise.withResolvers<undefined>();
  #connection: ReplicationConnection | undefined;
  #acknowledged = 0n;
  #isRead = false;
  #isInTransaction = false;
  /** The place after the last commit. */
  #committed = 0n;
  #isPaused = false;
  #heard = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => {
    this.#fail(this.#options.signal.reason);
  };

  constructor(options: SlotStreamOptions) {
    this.#options = options;
    this.#read.promise.catch(() => undefined);
    this.#ended.promise.catch(() => undefined);
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#timer = setInterval(() => {
      this.#tick();
    }, statusInterval / 10);
  }

  /**
   * Reads up to the target; returns the place in the log that has been reached.
   * @throws as `sourceFailure` classifies it; transient if the server falls silent; the signal's reason.
   */
  async readFrom(client: Client): Promise<bigint> {
    this.#options.signal.throwIfAborted();
    client.query(this);
    return this.#read.promise;
  }

  submit(connection: Connection): void {
    const { slot, publication, from } = this.#options;
    this.#connection = connection as ReplicationConnection;
    connection.query(
      `START_REPLICATION SLOT ${slot} LOGICAL ${formatPosition(from)} (proto_version '1', publication_names '${publication}')`,
    );
  }

  /** Tells the server that it may forget what it has kept up to this place, and ends the stream. */
  async acknowledge(position: bigint): Promise<void> {
    this.#acknowledged = position;
    this.#sendStatus(false);
    this.#connection?.endCopyFrom();
    await this.#ended.promise;
  }

  #tick(): void {
    const isWaiting = !this.#isRead && !this.#isPaused;
    if (isWaiting && performance.now() - this.#heard > this.#options.patience) {
      const seconds = String(this.#options.patience / 1_000);
      this.#fail(
        new Failure(
          'transient',
          `the slot sent nothing for ${seconds} s before its end was reached`,
          {
            action: 'check that the source is up and reachable, then run capture-purchases again',
          },
        ),
      );
    } else if (this.#connection !== undefined) this.#sendStatus(!this.#isRead);
  }

  /** What is written, flushed and applied here is the same: it is in the bucket or it is not. */
  #sendStatus(wantsAnswer: boolean): void {
    const status = Buffer.alloc(34);
    status.writeUInt8(statusUpdate ?? 0, 0);
    for (const at of [1, 9, 17]) status.writeBigUInt64BE(this.#acknowledged, at);
    status.writeUInt8(wantsAnswer ? 1 : 0, 33);
    this.#connection?.sendCopyFromChunk(status);
  }

  /** All that was committed before this place has been sent. */
  #reach(position: bigint): void {
    // What has already come in is taken even while the stream is paused.
    if (!this.#isPaused) this.#pause(position);
    if (position < this.#options.target) return;
    this.#isRead = true;
    this.#read.resolve(position);
  }

  #fail(error: unknown): void {
    this.#read.reject(error);
    this.#ended.reject(error);
  }

  // node-postgres calls the following methods.

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    // What follows the end belongs to the next run.
    if (this.#isRead) return;
    this.#heard = performance.now();
    try {
      if (chunk[0] === walData) this.#take(chunk);
      else if (chunk[0] === keepalive) this.#hear(chunk.readBigUInt64BE(1));
    } catch (error) {
      this.#isRead = true;
      this.#fail(error);
    }
  }

  /** The server's own position: within or right after a transaction, it is not that of what has been sent. */
  #hear(position: bigint): void {
    if (!this.#isInTransaction && position >= this.#committed) this.#reach(position);
  }

  #take(chunk: Buffer): void {
    const message = decode(chunk, headerBytes);
    if (message === undefined) return;
    this.#options.onMessage(message);
    if (message.type === 'begin') this.#isInTransaction = true;
    if (message.type !== 'commit') return;
    this.#isInTransaction = false;
    this.#committed = message.end;
    this.#reach(message.end);
  }

  #pause(position: bigint): void {
    const done = this.#options.onPlace(position);
    if (done === undefined) return;
    this.#isPaused = true;
    this.#connection?.stream.pause();
    const resume = () => {
      this.#acknowledged = position;
      this.#sendStatus(false);
      this.#isPaused = false;
      this.#heard = performance.now();
      this.#connection?.stream.resume();
    };
    done.then(resume, (error: unknown) => {
      this.#fail(error);
    });
  }

  handleError(error: unknown): void {
    this.#fail(sourceFailure('read the replication slot', error));
  }

  handleCommandComplete(): void {
    // The end follows.
  }

  handleReadyForQuery(): void {
    this.#read.reject(new Failure('transient', 'the source ended the stream of changes'));
    this.#ended.resolve(undefined);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }
}
