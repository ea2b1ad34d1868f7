/** One state of the source, read by one connection or by several at once. */
import { asFailure } from '@user-behaviour/shared/failure';
import type { SourceState } from '@user-behaviour/shared/manifest/source-state';
import type { Log } from '@user-behaviour/shared/runner/log';
import { extractedColumns } from '@user-behaviour/source/extracted-columns';
import * as z from 'zod';
import { foundPlaces, type JudgedDay, judgedDay, judgements } from '../table/rejected-purchases.ts';
import type { DayUpload } from '../upload/day-upload.ts';
import type { SourceConnection } from './connection.ts';
import { countQuery, digestsOf, digestsQuery, scannedDigest } from './digests.ts';
import type { ScanEstimate } from './page-ranges.ts';
import { afterFailedCopy, type DaySelection, judgedPurchases } from './query.ts';
import type { SourceTable } from './statements.ts';

/** How many rows the message locates for each reason. */
const shown = 3;

export interface SnapshotOptions {
  /** In a transaction that sees the snapshot. */
  readonly connection: SourceConnection;
  readonly estimate: ScanEstimate;
  readonly day: DaySelection;
  readonly table: SourceTable;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Opens another connection that sees the exported snapshot, or returns undefined if none is available. */
  readonly join: (snapshotName: string) => Promise<SourceConnection | undefined>;
}

/** How a transaction ended that has read the day. */
interface Ending {
  readonly state: SourceState;
  /** What `countQuery` returned, if only the hashes of the rows that were copied are missing for a digest. */
  readonly counted?: unknown;
  /** Whether the connection is of no more use. */
  readonly isLost: boolean;
}

const ending = 'end the transaction at the source';

/** Of the file of rejects. */
export const rejectColumns = ['reason', ...extractedColumns] as const;

export class Snapshot implements Disposable {
  readonly #options: SnapshotOptions;
  readonly #connections: SourceConnection[];
  #broken = true;
  /** The connection whose copy failed first. */
  #failed: SourceConnection | undefined;
  /** Whether copies leave out rows that the load cannot take. */
  #rejects = false;

  constructor(options: SnapshotOptions) {
    this.#options = options;
    this.#connections = [options.connection];
  }

  get estimate(): ScanEstimate {
    return this.#options.estimate;
  }

  get table(): SourceTable {
    return this.#options.table;
  }

  /** Every row of the day, with the reason if the load cannot take it. */
  get #judged(): string {
    const { day, table } = this.#options;
    return judgedPurchases(day, table.has_places ? 'table' : 'view');
  }

  /**
   * Copies the rows of each query to the range of the same index, on at most `connections` connections. Returns the
   * state of the source that the snapshot sees, of all rows of the day.
   * @throws the first failure, once all connections have stopped.
   */
  async copy(
    queries: readonly string[],
    upload: DayUpload,
    connections: number,
  ): Promise<SourceState> {
    let end: Ending | undefined;
    let sum: bigint | undefined = 0n;
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
          const hashes = await connection.copy(query, target, signal);
          sum = sum === undefined || hashes === undefined ? undefined : sum + hashes;
          await target.finish();
        }
        // The connection that is free first counts the day, while the others copy.
        if (end === undefined) {
          end = { state: {}, isLost: false };
          end = await this.#endWithState(connection, signal);
        } else {
          await connection.query(ending, 'commit');
        }
      };
      await Promise.allSettled(
        this.#connections.map((connection) =>
          work(connection).catch((error: unknown) => {
            this.#failed ??= connection;
            failed.abort(error);
          }),
        ),
      );
      signal.throwIfAborted();
      this.#broken = end?.isLost ?? false;
      return this.#stateAfter(end, sum);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #stateAfter(end: Ending | undefined, sum: bigint | undefined): SourceState {
    if (end?.counted === undefined) return end?.state ?? {};
    if (sum !== undefined) return { digest: scannedDigest(end.counted, sum), ...end.state };
    this.#warn('the rows that were read are not those of a day');
    return end.state;
  }

  #warn(why: string): void {
    const { day, log } = this.#options;
    log.warn({ ds: day.ds }, `${why}; the day has no digest, though its purchases were read`);
  }

  /**
   * Takes the digest of the day, if possible: the day's purchases have been read, so a failure costs a warning. The
   * rows are read once more only if the hashes of those that were copied are not the digest's.
   */
  async #endWithState(connection: SourceConnection, signal: AbortSignal): Promise<Ending> {
    const { day, estimate, table } = this.#options;
    const { began: at, xmin } = connection;
    const { systemIdentifier } = table;
    const state: SourceState = {
      ...(systemIdentifier !== undefined && { systemIdentifier }),
      ...(xmin !== undefined && { xmin }),
      ...(at !== undefined && { at }),
    };
    try {
      const isHashed = table.hashesAsScanner && !this.#rejects;
      const query = isHashed ? countQuery(day.ds) : digestsQuery([day], estimate.serverVersion);
      // In one round trip.
      const [found] = await connection.queryUntil(
        signal,
        'take the digest of the day',
        `${query}; commit`,
      );
      if (isHashed) return { state, counted: found?.rows, isLost: false };
      const digest = digestsOf(found?.rows, estimate.serverVersion)(day.ds);
      return { state: { digest, ...state }, isLost: false };
    } catch (error) {
      signal.throwIfAborted();
      this.#warn(asFailure(error).message);
      const ended = await connection.query(ending, 'rollback').catch(() => undefined);
      return { state, isLost: ended === undefined };
    }
  }

  /**
   * After a copy that failed because of a row: counts the rows of the day by what the load can take. The
   * connection of the failure continues in the snapshot; another copy may follow.
   */
  async judge(): Promise<JudgedDay> {
    const connection = this.#failed ?? this.#options.connection;
    for (const other of this.#connections) {
      if (other !== connection) other.release({ broken: true });
    }
    this.#connections.splice(0, Infinity, connection);
    this.#failed = undefined;
    this.#rejects = true;
    const [, , found] = await connection.query(
      'count the purchases that cannot be loaded',
      `${afterFailedCopy}; select reason, count(*)::float8 as rows from (${this.#judged}) as judged group by reason`,
    );
    return judgedDay(judgements.parse(found?.rows));
  }

  /** Where the first rows of each reason are. */
  async findPlaces({ rejected }: JudgedDay): Promise<z.infer<typeof foundPlaces>> {
    const [connection = this.#options.connection] = this.#connections;
    const queries = Object.keys(rejected).map(
      (reason) =>
        `(select reason, place from (${this.#judged}) as judged where reason = '${reason}' limit ${String(shown)})`,
    );
    const [found] = await connection.query(
      'find the purchases that cannot be loaded',
      queries.join(' union all '),
    );
    return foundPlaces.parse(found?.rows);
  }

  /** Copies the rows that the load cannot take, each with the reason. */
  async copyRejects(upload: DayUpload): Promise<void> {
    const [connection = this.#options.connection] = this.#connections;
    const target = await upload.beginRange(0, await connection.buffers());
    const query = `select ${rejectColumns.join(', ')} from (${this.#judged}) as judged where reason is not null`;
    await connection.copy(query, target, this.#options.signal);
    await target.finish();
  }

  async #openConnections(count: number): Promise<void> {
    if (count < 2) return;
    // After a failure, the first connection may have been released.
    const [first = this.#options.connection] = this.#connections;
    const [result] = await first.query(
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
