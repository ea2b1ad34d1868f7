/** Whether the server has all of a day: a day that a replica has not replayed yet looks empty or partial. */
import { asset } from '@user-behaviour/shared/asset';
import { type Ds, nextDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { waitFor } from '@user-behaviour/shared/waiting';
import * as z from 'zod';
import type { SourceConnection } from '../source/connection.ts';

/** A row of sql/source/extract/replay.sql; times in milliseconds since 1970, places in the log in bytes. */
const replayRow = z.object({
  replica: z.boolean(),
  now: z.number(),
  replayed: z.number().nullable(),
  heard: z.number().nullable(),
  received: z.number().nullable(),
  position: z.number().nullable(),
});

export type Replay = z.infer<typeof replayRow>;

export const parseReplay = (row: unknown): Replay => replayRow.parse(row);

/** An idle primary commits nothing, but it still sends messages. Undefined if the replica tells neither. */
function replayedUntil({
  replayed,
  heard,
}: Pick<Replay, 'replayed' | 'heard'>): number | undefined {
  const known = [replayed, heard].filter((time) => time !== null);
  return known.length === 0 ? undefined : Math.max(...known);
}

const grant =
  "grant pg_read_all_stats to the job's user, so that it can tell an idle primary from a replica that is behind";

/** Milliseconds that a replica gets to replay what it has received: usually it needs a few. */
const patience = 10_000;

/**
 * Asks the server of this connection. That server must then also take the snapshot: an address may lead to
 * several replicas, a pooler even for one connection. A replica must have replayed the whole day, and all that it had received when it was
 * first asked: that may hold late rows of the day. A primary's own clock must be past the day, because the shop may
 * stamp rows with it.
 * @throws a transient failure if the server does not get that far soon.
 */
export async function requireReplayed(
  connection: Pick<SourceConnection, 'openTransaction'>,
  ds: Ds,
  { signal, wait = patience }: { readonly signal: AbortSignal; readonly wait?: number },
): Promise<void> {
  const end = Date.parse(`${nextDs(ds)}T00:00:00Z`);
  const first = await ask(connection);
  let last = first;
  const isReady = ({ replica, now, position, ...replay }: Replay) =>
    replica
      ? (replayedUntil(replay) ?? -Infinity) >= end && (position ?? 0) >= (first.received ?? 0)
      : now >= end;
  const poll = async () => {
    if (!isReady(last)) last = await ask(connection);
    return isReady(last) ? true : undefined;
  };
  const ready = await waitFor(poll, { signal, timeout: wait, minPause: 100, maxPause: 1_000 });
  if (ready === true) return;
  if (!last.replica) {
    throw new Failure(
      'transient',
      `by the clock of the source it is ${timeOf(last.now)}; ${ds} ends at ${timeOf(end)}`,
      {
        action:
          'run the day again when the source has passed its end; if its clock is slow, correct it',
      },
    );
  }
  const until = replayedUntil(last);
  const missing = Math.max(0, (first.received ?? 0) - (last.position ?? 0));
  throw new Failure(
    'transient',
    `the source is a replica that has replayed its primary up to ${until === undefined ? 'an unknown time' : timeOf(until)} and has still to replay ${String(missing)} bytes; ${ds} ends at ${timeOf(end)}`,
    { action: `run the day again when the replica has caught up; if it has, ${grant}` },
  );
}

async function ask(connection: Pick<SourceConnection, 'openTransaction'>): Promise<Replay> {
  const [found] = await connection.openTransaction(
    'ask the source how far it has replayed',
    `${asset('sql/source/extract/replay.sql')}; commit`,
  );
  return parseReplay(found?.rows[0]);
}

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Milliseconds from which --check advises something. A replica that is connected hears from its primary twice a minute. */
const longLag = 60_000;

/** What --check says about the role of the server. */
export function describeReplay(replay: Replay): { role: string; advice?: string } {
  if (!replay.replica) return { role: 'primary' };
  const until = replayedUntil(replay);
  if (until === undefined) return { role: 'replica, lag unknown', advice: grant };
  const lag = Math.max(0, replay.now - until);
  const role = `replica, ${String(Math.round(lag / 1_000))} s behind (replayed up to ${timeOf(until)})`;
  if (lag <= longLag) return { role };
  return { role, advice: `wait for the replica; if it is not behind, ${grant}` };
}
