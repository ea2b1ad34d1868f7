/** The purchases of one row group as columns, in the memory layout of Apache Arrow (arrow.apache.org, "Columnar Format"). */
import {
  Decimal,
  Field,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import { extractedColumns } from '@user-behaviour/source/extracted-columns';
import { decimals, readDecimal, TimestampReader } from './csv-values.ts';
import { IntegerColumn, TextColumn } from './nullable-columns.ts';

/** As sql/warehouse/ddl/025_user_purchase_staging_parquet.sql declares them. The query leaves out what would be null elsewhere. */
const fields = {
  invoice_number: new Field('invoice_number', new Utf8(), true),
  stock_code: new Field('stock_code', new Utf8(), true),
  detail: new Field('detail', new Utf8(), true),
  quantity: new Field('quantity', new Int32(), false),
  invoice_date: new Field('invoice_date', new TimestampMicrosecond(), false),
  unit_price: new Field('unit_price', new Decimal(decimals, 18, 128), false),
  customer_id: new Field('customer_id', new Int32(), true),
  country: new Field('country', new Utf8(), true),
};

const schema = new Schema(extractedColumns.map((name) => fields[name]));

export interface GroupLimits {
  readonly rows: number;
  /** Bytes of each text column at which a group ends. */
  readonly textBytes: number;
}

export const groupLimits: GroupLimits = { rows: 65_536, textBytes: 8 * 1024 * 1024 };

/** Of a 128-bit decimal. */
const words = 4;

/**
 * Is filled row by row, made into a batch and filled again: its memory is that of one group. Where a group ends depends
 * only on its rows, so equal rows make equal files.
 */
export class PurchaseColumns {
  readonly #limits: GroupLimits;
  readonly #texts: readonly [TextColumn, TextColumn, TextColumn, TextColumn];
  readonly #quantities: IntegerColumn;
  readonly #customers: IntegerColumn;
  readonly #times: BigInt64Array<ArrayBuffer>;
  readonly #prices: Uint32Array<ArrayBuffer>;
  readonly #timestamps = new TimestampReader();
  /** Rows of the current group. */
  rows = 0;

  constructor(limits = groupLimits) {
    this.#limits = limits;
    const text = () => new TextColumn(limits);
    this.#texts = [text(), text(), text(), text()];
    this.#quantities = new IntegerColumn(limits.rows);
    this.#customers = new IntegerColumn(limits.rows);
    this.#times = new BigInt64Array(limits.rows);
    this.#prices = new Uint32Array(words * limits.rows);
  }

  get isFull(): boolean {
    return this.rows === this.#limits.rows || this.#texts.some((text) => text.isFull);
  }

  /**
   * Takes whole rows of CSV, from `start` on, until the group is full. Returns where the rest begins.
   * @throws a bug if a value is not as PostgreSQL writes it.
   */
  take(csv: Buffer, start: number): number {
    const [invoices, codes, details, countries] = this.#texts;
    let at = start;
    while (at < csv.length && !this.isFull) {
      const row = this.rows;
      at = invoices.take(csv, at, row);
      at = codes.take(csv, at, row);
      at = details.take(csv, at, row);
      at = this.#quantities.take(csv, at, row);
      at = this.#timestamps.take(csv, at, this.#times, row);
      at = readDecimal(csv, at, this.#prices, words * row);
      at = this.#customers.take(csv, at, row);
      at = countries.take(csv, at, row);
      this.rows += 1;
    }
    return at;
  }

  /** The rows of the group, in the memory that the next group will fill. */
  takeBatch(): RecordBatch {
    const length = this.rows;
    const [invoices, codes, details, countries] = this.#texts;
    const { quantity, invoice_date, unit_price } = fields;
    const children = [
      invoices.takeData(length),
      codes.takeData(length),
      details.takeData(length),
      makeData({ type: quantity.type, length, data: this.#quantities.values.subarray(0, length) }),
      makeData({ type: invoice_date.type, length, data: this.#times.subarray(0, length) }),
      makeData({ type: unit_price.type, length, data: this.#prices.subarray(0, words * length) }),
      this.#customers.takeData(length),
      countries.takeData(length),
    ];
    this.rows = 0;
    return new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
    );
  }
}
