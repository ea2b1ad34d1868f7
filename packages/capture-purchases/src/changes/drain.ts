/** Reads the slot from the pointer's position to the end of the log, and adds up the changes. */
import type { ChangesHead, TouchedDay } from '@user-behaviour/shared/changes/changes-head';
import type { Ds } from '@user-behaviour/shared/ds';
import type { ConfigurationOf } from '@user-behaviour/shared/runner/config';
import type { Session } from '@user-behaviour/shared/runner/job';
import type { Client } from 'pg';
import type { CaptureConfiguration, variables } from '../config.ts';
import { paddedColumns } from '../source/connection.ts';
import type { SourceFacts } from '../source/facts.ts';
import { parsePosition } from '../stream/position.ts';
import { SlotStream } from '../stream/slot-stream.ts';
import { ChangeReader } from './change-reader.ts';
import { RowHash } from './row-hash.ts';
import { TouchedDays } from './touched-days.ts';

/** Milliseconds. */
const patience = 60_000;

export interface Drained {
  /** Still open, so that what it has read can be acknowledged. */
  readonly stream: SlotStream;
  /** Up to where the changes have been read. */
  readonly position: bigint;
  readonly touched: ReadonlyMap<Ds, TouchedDay>;
  readonly undated: number;
  readonly changes: number;
}

export async function drain(
  client: Client,
  head: ChangesHead,
  found: SourceFacts,
  {
    configuration,
    configurationOf,
    session,
  }: {
    readonly configuration: CaptureConfiguration;
    readonly configurationOf: ConfigurationOf<typeof variables>;
    readonly session: Pick<Session, 'signal'>;
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
  const stream = new SlotStream({
    slot: configuration.CAPTURE_SLOT,
    publication: configuration.CAPTURE_PUBLICATION,
    from: parsePosition(head.position),
    target: found.position,
    onMessage: reader.take,
    patience,
    signal: session.signal,
  });
  try {
    const position = await stream.readFrom(client);
    const { undated, changes } = days;
    return { stream, position, touched: days.days(), undated, changes };
  } catch (error) {
    stream[Symbol.dispose]();
    throw error;
  }
}
