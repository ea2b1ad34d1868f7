/** Follows the messages of a stream: which transaction they are of, and what they do to the table. */
import { Failure } from '@user-behaviour/shared/failure';
import { Gap } from '../source/chain.ts';
import type { Message, Relation, Row } from '../stream/pgoutput.ts';
import { type Purchase, purchaseIn } from './row-values.ts';
import type { TouchedDays } from './touched-days.ts';

export interface ChangeReaderOptions {
  /** Of retail.user_purchase, as the pointer has it. */
  readonly table: number;
  /** Columns of the type `character(n)`. */
  readonly padded: ReadonlySet<string>;
  /** A transaction id that is near: the messages have only the lower 32 bits of theirs. */
  readonly nearXid: bigint;
  readonly days: TouchedDays;
}

/** The 64-bit id that is nearest to `near` and has these lower bits. */
export const wholeXid = (low: number, near: bigint): bigint =>
  near + BigInt.asIntN(32, BigInt(low) - near);

export class ChangeReader {
  readonly #options: ChangeReaderOptions;
  #xid = 0n;
  #purchaseIn: ((row: Row) => Purchase) | undefined;
  /** Tables of the publication besides the purchases. */
  readonly #others = new Set<number>();

  constructor(options: ChangeReaderOptions) {
    this.#options = options;
  }

  /** @throws a data failure if changes are missing: after TRUNCATE, or without the old row. */
  readonly take = (message: Message): void => {
    switch (message.type) {
      case 'begin':
        this.#xid = wholeXid(message.xid, this.#options.nearXid);
        return;
      case 'commit':
        return;
      case 'relation':
        this.#learn(message.relation);
        return;
      case 'truncate':
        if (message.oids.includes(this.#options.table)) {
          throw new Gap('retail.user_purchase was truncated');
        }
        return;
      case 'insert':
        this.#add(message.oid, () => undefined, message.after);
        return;
      case 'update':
        this.#add(message.oid, () => before(message), message.after);
        return;
      case 'delete':
        this.#add(message.oid, () => before(message), undefined);
    }
  };

  #learn({ oid, schema, name, columns }: Relation): void {
    const isPurchases = schema === 'retail' && name === 'user_purchase';
    if (isPurchases && oid !== this.#options.table) {
      throw new Gap('retail.user_purchase was replaced by another table');
    }
    if (oid === this.#options.table) {
      this.#purchaseIn = purchaseIn(columns, this.#options.padded);
    } else this.#others.add(oid);
  }

  /** Another table of the publication has its own identity, so `oldRow` is asked only for purchases. */
  #add(oid: number, oldRow: () => Row | undefined, after: Row | undefined): void {
    if (this.#others.has(oid)) return;
    const read = this.#purchaseIn;
    if (read === undefined)
      throw new Failure('bug', 'a change came before its table was described');
    const old = oldRow();
    this.#options.days.add(this.#xid, old && read(old), after && read(after));
  }
}

function before({ before: row }: { readonly before: Row | undefined }): Row {
  if (row !== undefined) return row;
  throw new Gap('the replica identity of retail.user_purchase was not full for some time');
}
