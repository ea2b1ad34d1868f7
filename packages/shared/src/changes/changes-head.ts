/**
 * The pointer of capture-purchases: up to where the changes of the source have been read, and which days they touch.
 * One object for all days, without values of rows. Its position in the log decides where the next run begins, not
 * the position that the slot remembers.
 */
import * as z from 'zod';
import { type Ds, isDs } from '../ds.ts';
import { Failure } from '../failure.ts';
import type { SourceState, SourceVerdict } from '../manifest/source-state.ts';

const count = z.int().nonnegative();
/** A 64-bit transaction id, as PostgreSQL's xid8 shows it. */
const xid = z.string().regex(/^\d+$/);
const oid = z.int().nonnegative();

/** What the slot must belong to. If any of it differs, changes may be missing. */
const origin = z.object({
  systemIdentifier: z.string().regex(/^\d+$/),
  /** It rises when a replica is promoted or a backup is restored. */
  timeline: z.int().positive(),
  database: z.string().min(1),
  table: z.object({
    oid,
    identity: z.string().length(1),
    /** Place and type of each extracted column; an older release did not keep them. */
    columns: z.record(z.string(), z.string()).optional(),
  }),
  publication: z.object({
    oid,
    xmin: z.string(),
    /** Of the row in the catalog that names the table, or its schema; null for a publication of all tables. */
    member: z.object({ oid, xmin: z.string() }).nullable(),
  }),
});

const touchedDay = z.object({
  /** The lowest and the highest transaction that touched the day since the entry began. */
  first: xid,
  last: xid,
  inserted: count,
  updated: count,
  deleted: count,
  /** How many more rows with a quantity above `minQuantity` the day has, and the change of their row hash. */
  rows: z.int(),
  rowHash: z.string().regex(/^[0-9a-f]{16}$/),
  minQuantity: z.int(),
  /** Rows that the load may not take: `rows` and `rowHash` leave them out. Also after another `minQuantity` or a reset. */
  uncounted: count,
});

const head = z.object({
  version: z.literal(1),
  /** Raised by whatever breaks the chain of changes. */
  epoch: z.int().positive(),
  source: origin,
  slot: z.string().min(1),
  /** The name of the publication; an older release did not keep it. */
  publication: z.string().min(1).optional(),
  /** From this transaction on, and from this time of the source on, the slot has every change. */
  since: z.object({ xid, at: z.iso.datetime() }),
  /** The place in PostgreSQL's log up to which the changes have been read. */
  position: z.string().regex(/^[0-9A-F]+\/[0-9A-F]+$/),
  /** Every change that was committed before this time of the source, or of the primary of a replica, is in `days`. */
  at: z.iso.datetime(),
  days: z.record(
    z.custom<Ds>((value) => typeof value === 'string' && isDs(value)),
    touchedDay,
  ),
  /** Changes of rows that belong to no day: without a date, or with one out of range. */
  undated: count,
  /** Why the chain is broken: nothing is known of any day until capture-purchases --reset. */
  gap: z.string().min(1).optional(),
});

export type ChangesHead = z.infer<typeof head>;
export type TouchedDay = z.infer<typeof touchedDay>;
export type Origin = z.infer<typeof origin>;

/** @throws a data failure that names the key if it is not a head of version 1. */
export function parseChangesHead(text: string, uri: string): ChangesHead {
  try {
    return head.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure('data', `${uri} is not a pointer to changes of version 1`, {
      cause,
      action: 'run the release that wrote it, or remove it and run capture-purchases --reset',
    });
  }
}

/**
 * What the changes say of a published day; `unknown` if they show no change and do not cover what was read. Compares
 * transactions, not places in the log: a commit that is in the log already may be invisible to a snapshot that is taken
 * after it. What a transaction below the snapshot's `xmin` did is surely in the published rows.
 */
export function verdictOf(
  pointer: ChangesHead | undefined,
  published: SourceState | undefined,
  ds: Ds,
): SourceVerdict {
  if (pointer === undefined || pointer.gap !== undefined) return 'unknown';
  const { systemIdentifier, xmin, at } = published ?? {};
  if (xmin === undefined || at === undefined) return 'unknown';
  if (systemIdentifier !== pointer.source.systemIdentifier) return 'unknown';
  const day = pointer.days[ds];
  // Not even changes that cancel each other are the same: the snapshot may have seen the first of them, if a transaction
  // with a lower id was open. Also of a day that was read before the slot had every change.
  if (day !== undefined && !isIncluded(day, xmin)) return 'changed';
  const { since } = pointer;
  const isCovered = BigInt(xmin) >= BigInt(since.xid) && Date.parse(at) >= Date.parse(since.at);
  return isCovered ? 'same' : 'unknown';
}

/** Whether a snapshot with this xmin has seen all changes of the day. */
export const isIncluded = ({ last }: Pick<TouchedDay, 'last'>, xmin: string): boolean =>
  BigInt(last) < BigInt(xmin);
