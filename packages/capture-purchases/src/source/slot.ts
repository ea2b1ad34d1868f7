/** Makes the replication slot. */
import { asset } from '@user-behaviour/shared/asset';
import { withDeadline } from '@user-behaviour/shared/deadline';
import { Failure } from '@user-behaviour/shared/failure';
import { attempt, sourceFailure } from '@user-behaviour/source/errors';
import { statementDeadline } from '@user-behaviour/source/deadline';
import type { Client } from 'pg';
import type { SourceFacts } from './facts.ts';

/**
 * Makes the slot anew. What an older slot of this name has kept is lost, so the caller begins a new epoch. A server makes
 * a slot when all transactions that were open have ended; `timeout` is how long one of them is waited for, in
 * milliseconds. A replica makes it when it has replayed which transactions are open on its primary.
 * @throws a transient failure after that time, which names the transactions if the server waits for only one.
 */
export async function makeSlot(
  client: Client,
  slot: string,
  found: SourceFacts,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<void> {
  if (found.slot_facts !== null) {
    await attempt(`drop the replication slot ${slot}`, () =>
      client.query(`DROP_REPLICATION_SLOT ${slot}`),
    );
  }
  const doing = `make the replication slot ${slot}`;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  const onAbort = () => {
    aborted.reject(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // The server itself ends the wait for a transaction, so that none of its processes stays behind. It waits anew for
    // each, so with several of them the deadline below may come first.
    await attempt(doing, () => client.query(`set lock_timeout = ${String(timeout)}`));
    await withDeadline(
      statementDeadline(timeout),
      () => tooLate(found, doing, timeout),
      () =>
        Promise.race([
          client.query(`CREATE_REPLICATION_SLOT ${slot} LOGICAL pgoutput NOEXPORT_SNAPSHOT`),
          aborted.promise,
        ]),
    );
  } catch (error) {
    if ((error as { code?: string }).code === lockNotAvailable) {
      throw await blockedBy(client, doing, timeout);
    }
    throw sourceFailure(doing, error);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** PostgreSQL's error for a lock that was waited for too long. */
const lockNotAvailable = '55P03';

const waited = (timeout: number): string => `within ${String(timeout / 1_000)} s`;

async function blockedBy(client: Client, doing: string, timeout: number): Promise<Failure> {
  const { rows } = await attempt('ask which transactions are open', () =>
    client.query<{ transaction: string }>(asset('sql/source/capture/open_transactions.sql')),
  );
  const open = rows.map(({ transaction }) => transaction).join('; ');
  return new Failure(
    'transient',
    `could not ${doing} ${waited(timeout)}: the server waits for transactions that were open before; now open, the oldest first: ${open === '' ? 'none' : open}`,
    {
      action:
        'wait until they end, or end them (pg_terminate_backend, or rollback prepared), then run capture-purchases --reset again; SOURCE_STATEMENT_TIMEOUT sets how long it waits',
    },
  );
}

function tooLate({ replica }: SourceFacts, doing: string, timeout: number): Failure {
  const action = replica
    ? 'call pg_log_standby_snapshot() on the primary while it waits; if the replay of the replica is paused, call pg_wal_replay_resume() there; then run capture-purchases --reset again'
    : 'check that the source is up and reachable and that its transactions end (sql/source/capture/open_transactions.sql lists them), then run capture-purchases --reset again';
  const why = replica
    ? 'the replica waits until its primary logs which transactions are open'
    : 'no answer';
  return new Failure('transient', `could not ${doing} ${waited(timeout)}: ${why}`, { action });
}
