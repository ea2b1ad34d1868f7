/** One state of the source, seen by one connection or by several at once. */
import type { Log } from '@user-behaviour/shared/runner/log';
import type { DayUpload } from '../upload/day-upload.ts';
import type { DayFacts } from './page-ranges.ts';
import type { SourceConnection } from './connection.ts';

export interface SnapshotOptions {
  /** In a transaction that sees the state. */
  readonly connection: SourceConnection;
  readonly facts: DayFacts;
  /** The names of the columns, as the first line of a CSV. */
  readonly header: Buffer;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** One more connection that sees an exported state, or none. */
  readonly join: (name: string) => Promise<SourceConnection | undefined>;
}

export class Snapshot implements Disposable {
  readonly #options: SnapshotOptions;
  readonly #connections: SourceConnection[];
  #broken = true;

  constructor(options: SnapshotOptions) {
    this.#options = options;
    this.#connections = [options.connection];
  }

  get facts(): DayFacts {
    return this.#options.facts;
  }

  get header(): Buffer {
    return this.#options.header;
  }

  /**
   * Copies what the queries give, in their order, to the ranges of the upload; with `connections` at
   * once where there are so many. The first failure ends all of it.
   */
  async copy(queries: readonly string[], upload: DayUpload, connections: number): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, ended.signal]);
    const stop = () => {
      upload.fail(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#share(Math.min(connections, queries.length));
      if (queries.length > 1) {
        this.#options.log.info(
          { ranges: queries.length, connections: this.#connections.length },
          'reading ranges of the table side by side',
        );
      }
      const queue = queries.entries();
      const work = async (connection: SourceConnection) => {
        for (const [range, query] of queue) {
          signal.throwIfAborted();
          const target = await upload.range(range, await connection.lane());
          await connection.copy(query, target, signal);
          await target.finish();
        }
        await connection.query('end the transaction at the source', 'commit');
      };
      await Promise.allSettled(
        this.#connections.map((connection) =>
          work(connection).catch((error: unknown) => {
            ended.abort(error);
          }),
        ),
      );
      signal.throwIfAborted();
      this.#broken = false;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #share(connections: number): Promise<void> {
    if (connections < 2) return;
    const [result] = await this.#options.connection.query(
      'export the snapshot at the source',
      'select pg_export_snapshot() as name',
    );
    const name = String(result?.rows[0]?.['name']);
    while (this.#connections.length < connections) {
      const joined = await this.#options.join(name);
      if (joined === undefined) return;
      this.#connections.push(joined);
    }
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.release({ broken: this.#broken });
  }
}
