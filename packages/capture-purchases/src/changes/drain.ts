/** Reads the slot from the pointer's position to the end of the log, and adds up the changes. */
import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import type { ConfigurationOf } from '@user-behaviour/shared/runner/config';
import type { Session } from '@user-behaviour/shared/runner/job';
import type { Client } from 'pg';
import type { CaptureConfiguration, variables } from '../config.ts';
import { asGap } from '../source/chain.ts';
import { paddedColumns } from '../source/connection.ts';
import type { SourceFacts } from '../source/facts.ts';
import { parsePosition } from '../stream/position.ts';
import { SlotStream } from '../stream/slot-stream.ts';
import { ChangeReader } from './change-reader.ts';
import { RowHash } from './row-hash.ts';
import { type Touched, TouchedDays } from './touched-days.ts';

/** Milliseconds. */
const patience = 60_000;
/**
 * After so many changes or milliseconds, what has been read is saved, so that a run that is killed need not repeat it. Also
 * if that is only the log of other tables.
 */
const savedAfter = { changes: 200_000, time: 30_000 };

/** What has been read since the part before. */
export interface Part extends Touched {
  /** Up to where the changes have been read. */
  readonly position: bigint;
}

export interface Drained extends Part {
  /** Still open, so that what it has read can be acknowledged. */
  readonly stream: SlotStream;
}

/** `save` records a part of a long drain; the server may forget it then. */
export async function drain(
  client: Client,
  head: ChangesHead,
  found: SourceFacts,
  {
    configuration,
    configurationOf,
    session,
    save,
  }: {
    readonly configuration: CaptureConfiguration;
    readonly configurationOf: ConfigurationOf<typeof variables>;
    readonly session: Pick<Session, 'signal'>;
    readonly save: (part: Part) => Promise<void>;
  },
): Promise<Drained> {
  const padded = await paddedColumns(client);
  const days = new TouchedDays(await RowHash.create(), (ds) => configurationOf(ds).MIN_QUANTITY);
  const reader = new ChangeReader({
    table: head.source.table.oid,
    padded,
    nearXid: BigInt(found.next_xid),
    days,
  });
  const from = parsePosition(head.position);
  let saving = Promise.resolve();
  let saved = performance.now();
  const onPlace = (position: bigint) => {
    const isDue =
      days.changes >= savedAfter.changes || performance.now() - saved >= savedAfter.time;
    if (!isDue) return undefined;
    // The server reads from an earlier place than it sends from.
    if (position <= from) return undefined;
    saved = performance.now();
    saving = save({ position, ...days.take() });
    return saving;
  };
  const stream = new SlotStream({
    slot: configuration.CAPTURE_SLOT,
    publication: configuration.CAPTURE_PUBLICATION,
    from,
    target: found.position,
    onMessage: reader.take,
    onPlace,
    patience,
    signal: session.signal,
  });
  try {
    const reached = await stream.readFrom(client);
    await saving;
    // A replica that was restarted may have replayed less than before.
    const position = reached > from ? reached : from;
    return { stream, position, ...days.take() };
  } catch (error) {
    stream[Symbol.dispose]();
    // Where the pointer stands must be known before a gap is added to it.
    await saving.catch(() => undefined);
    throw asGap(error);
  }
}
