/** One state of the source, read by one connection or by several at once. */
import type { Log } from '@user-behaviour/shared/runner/log';
import type { DayUpload } from '../upload/day-upload.ts';
import type { SourceConnection } from './connection.ts';
import type { ScanEstimate } from './page-ranges.ts';

export interface SnapshotOptions {
  /** In a transaction that sees the snapshot. */
  readonly connection: SourceConnection;
  readonly estimate: ScanEstimate;
  /** The names of the columns as the first line of a CSV. */
  readonly header: Buffer;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Opens another connection that sees the exported snapshot, or returns undefined if none is available. */
  readonly join: (snapshotName: string) => Promise<SourceConnection | undefined>;
}

export class Snapshot implements Disposable {
  readonly #options: SnapshotOptions;
  readonly #connections: SourceConnection[];
  #broken = true;

  constructor(options: SnapshotOptions) {
    this.#options = options;
    this.#connections = [options.connection];
  }

  get estimate(): ScanEstimate {
    return this.#options.estimate;
  }

  get header(): Buffer {
    return this.#options.header;
  }

  /**
   * Copies the rows of each query to the range of the same index, on at most `connections` connections.
   * @throws the first failure, once all connections have stopped.
   */
  async copy(queries: readonly string[], upload: DayUpload, connections: number): Promise<void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, failed.signal]);
    const onAbort = () => {
      upload.fail(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#openConnections(Math.min(connections, queries.length));
      if (queries.length > 1) {
        this.#options.log.info(
          { ranges: queries.length, connections: this.#connections.length },
          'reading ranges of the table in parallel',
        );
      }
      const queue = queries.entries();
      const work = async (connection: SourceConnection) => {
        for (const [range, query] of queue) {
          signal.throwIfAborted();
          const target = await upload.beginRange(range, await connection.buffers());
          await connection.copy(query, target, signal);
          await target.finish();
        }
        await connection.query('end the transaction at the source', 'commit');
      };
      await Promise.allSettled(
        this.#connections.map((connection) =>
          work(connection).catch((error: unknown) => {
            failed.abort(error);
          }),
        ),
      );
      signal.throwIfAborted();
      this.#broken = false;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #openConnections(count: number): Promise<void> {
    if (count < 2) return;
    const [result] = await this.#options.connection.query(
      'export the snapshot at the source',
      'select pg_export_snapshot() as name',
    );
    const name = String(result?.rows[0]?.['name']);
    while (this.#connections.length < count) {
      const connection = await this.#options.join(name);
      if (connection === undefined) return;
      this.#connections.push(connection);
    }
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection.release({ broken: this.#broken });
  }
}
