/** Adds up what the changes of a stream do to each day. Keeps numbers, no rows. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { TouchedDay } from '@user-behaviour/shared/changes/changes-head';
import type { RowHash } from './row-hash.ts';
import { dayOf, isSelected, isSurelyLoadable, type Purchase } from './row-values.ts';

/** As a `TouchedDay`, with numbers that are cheap to add to. */
interface Sum {
  first: bigint;
  last: bigint;
  inserted: number;
  updated: number;
  deleted: number;
  rows: number;
  hash: bigint;
  uncounted: number;
}

export interface Touched {
  readonly touched: ReadonlyMap<Ds, TouchedDay>;
  /** Changes of rows that belong to no day. */
  readonly undated: number;
  readonly changes: number;
}

type Kind = 'inserted' | 'updated' | 'deleted';

export class TouchedDays {
  readonly #hash: Pick<RowHash, 'of'>;
  readonly #minQuantityOf: (ds: Ds) => number;
  readonly #days = new Map<Ds, Sum>();
  readonly #minQuantities = new Map<Ds, number>();
  #undated = 0;
  #changes = 0;

  constructor(hash: Pick<RowHash, 'of'>, minQuantityOf: (ds: Ds) => number) {
    this.#hash = hash;
    this.#minQuantityOf = minQuantityOf;
  }

  get changes(): number {
    return this.#changes;
  }

  /** A row that was inserted has no `before`, one that was deleted no `after`. */
  add(xid: bigint, before: Purchase | undefined, after: Purchase | undefined): void {
    this.#changes += 1;
    const from = before && dayOf(before);
    const to = after && dayOf(after);
    if ((before && from === undefined) || (after && to === undefined)) this.#undated += 1;
    const stays = before !== undefined && after !== undefined && from === to;
    if (before && from !== undefined) {
      this.#count(from, xid, stays ? 'updated' : 'deleted');
      this.#addRow(from, before, -1);
    }
    if (after && to !== undefined) {
      if (!stays) this.#count(to, xid, 'inserted');
      this.#addRow(to, after, 1);
    }
  }

  #count(ds: Ds, xid: bigint, kind: Kind): void {
    const day = this.#days.get(ds);
    if (day === undefined) {
      const none = { inserted: 0, updated: 0, deleted: 0, rows: 0, hash: 0n, uncounted: 0 };
      this.#days.set(ds, { ...none, first: xid, last: xid, [kind]: 1 });
      return;
    }
    if (xid < day.first) day.first = xid;
    if (xid > day.last) day.last = xid;
    day[kind] += 1;
  }

  #addRow(ds: Ds, purchase: Purchase, sign: 1 | -1): void {
    const day = this.#days.get(ds);
    if (day === undefined || !isSelected(purchase, this.#minQuantity(ds))) return;
    if (!isSurelyLoadable(purchase)) {
      day.uncounted += 1;
      return;
    }
    day.rows += sign;
    const hash = this.#hash.of(purchase);
    day.hash += sign === 1 ? hash : -hash;
  }

  #minQuantity(ds: Ds): number {
    let known = this.#minQuantities.get(ds);
    if (known === undefined) {
      known = this.#minQuantityOf(ds);
      this.#minQuantities.set(ds, known);
    }
    return known;
  }

  /** What has been added up since the last call. */
  take(): Touched {
    const taken = { touched: this.#touched(), undated: this.#undated, changes: this.#changes };
    this.#days.clear();
    this.#undated = 0;
    this.#changes = 0;
    return taken;
  }

  #touched(): ReadonlyMap<Ds, TouchedDay> {
    return new Map(
      [...this.#days].map(([ds, { first, last, hash, ...counts }]) => [
        ds,
        {
          ...counts,
          first: String(first),
          last: String(last),
          rowHash: hexadecimal(hash),
          minQuantity: this.#minQuantity(ds),
        },
      ]),
    );
  }
}

/** Hashes add up modulo 2^64. */
const hexadecimal = (hash: bigint): string =>
  BigInt.asUintN(64, hash).toString(16).padStart(16, '0');

/** Both entries of a day together. Of another `minQuantity`, no sum says anything. */
export function together(one: TouchedDay, other: TouchedDay): TouchedDay {
  const [low, high] = [
    [one.first, other.first],
    [one.last, other.last],
  ].map((ids) => ids.map(BigInt).sort((a, b) => (a < b ? -1 : 1)));
  return {
    first: String(low?.[0]),
    last: String(high?.[1]),
    inserted: one.inserted + other.inserted,
    updated: one.updated + other.updated,
    deleted: one.deleted + other.deleted,
    rows: one.rows + other.rows,
    rowHash: hexadecimal(BigInt(`0x${one.rowHash}`) + BigInt(`0x${other.rowHash}`)),
    minQuantity: other.minQuantity,
    uncounted: one.uncounted + other.uncounted + (one.minQuantity === other.minQuantity ? 0 : 1),
  };
}
