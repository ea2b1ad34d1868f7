/**
 * The columns of the datasets, and from which columns of the inputs each is made. A dataset or a column that is
 * not here has no schema or no origin in the events of lineage; nothing else depends on it.
 */

/** A column of an input, and how it decides a value. The words are those of OpenLineage's column lineage. */
export interface Origin {
  readonly dataset: string;
  readonly column: string;
  readonly type: 'DIRECT' | 'INDIRECT';
  readonly subtype: 'IDENTITY' | 'TRANSFORMATION' | 'AGGREGATION' | 'FILTER' | 'JOIN';
}

export interface Derivation {
  readonly columns: Readonly<Record<string, readonly Origin[]>>;
  /** What decides which rows there are. */
  readonly rows: readonly Origin[];
}

type Columns = Readonly<Record<string, string>>;

const [table, purchases] = ['retail.user_purchase', 'user_purchase/stage'];
const [delivery, reviews, cleaned] = [
  'the vendor’s review file',
  'movie_review/load',
  'movie_review/stage',
];

/** Names to types, in the order of the columns, as the DDL in sql/ has them. */
export const columnsOf: Readonly<Record<string, Columns>> = {
  [table]: {
    invoice_number: 'varchar(10)',
    stock_code: 'varchar(20)',
    detail: 'varchar(1000)',
    quantity: 'integer',
    invoice_date: 'timestamp',
    unit_price: 'numeric(8, 3)',
    customer_id: 'integer',
    country: 'varchar(20)',
  },
  [purchases]: {
    invoice_number: 'varchar(40)',
    stock_code: 'varchar(80)',
    detail: 'varchar(4000)',
    quantity: 'varchar(20)',
    invoice_date: 'varchar(40)',
    unit_price: 'varchar(20)',
    customer_id: 'varchar(20)',
    country: 'varchar(80)',
  },
  [delivery]: { cid: 'string', review_str: 'string' },
  [reviews]: { cid: 'string', review_str: 'string' },
  [cleaned]: { cid: 'varchar(100)', positive_review: 'boolean' },
  'public.user_behavior_metric': {
    customerid: 'integer',
    amount_spent: 'decimal(18, 5)',
    review_score: 'integer',
    review_count: 'integer',
    insert_date: 'date',
  },
};

const from =
  (type: Origin['type'], subtype: Origin['subtype']) =>
  (dataset: string, column: string): Origin => ({ dataset, column, type, subtype });

const same = from('DIRECT', 'IDENTITY');
const transformed = from('DIRECT', 'TRANSFORMATION');
const aggregated = from('DIRECT', 'AGGREGATION');
const filtered = from('INDIRECT', 'FILTER');
const joined = from('INDIRECT', 'JOIN');

const unchanged = (dataset: string): Derivation['columns'] =>
  Object.fromEntries(
    Object.keys(columnsOf[dataset] ?? {}).map((column) => [column, [same(dataset, column)]]),
  );

/** By the dataset that is written. */
export const derivations: Readonly<Record<string, Derivation>> = {
  // sql/source/extract/user_purchase.sql
  [purchases]: {
    columns: unchanged(table),
    rows: [filtered(table, 'quantity'), filtered(table, 'invoice_date')],
  },
  [reviews]: { columns: unchanged(delivery), rows: [] },
  // spark/random_text_classification.py
  [cleaned]: {
    columns: {
      cid: [transformed(reviews, 'cid')],
      positive_review: [transformed(reviews, 'review_str')],
    },
    rows: [filtered(reviews, 'cid'), filtered(reviews, 'review_str')],
  },
  // sql/warehouse/load/021_fill_purchase_day.sql, 031_fill_review_day.sql and 050_insert_days.sql
  'public.user_behavior_metric': {
    columns: {
      customerid: [transformed(purchases, 'customer_id')],
      amount_spent: [aggregated(purchases, 'quantity'), aggregated(purchases, 'unit_price')],
      review_score: [aggregated(cleaned, 'positive_review')],
      review_count: [aggregated(cleaned, 'cid')],
      // The day of the run, which is no column of a file.
      insert_date: [],
    },
    rows: [joined(purchases, 'customer_id'), joined(cleaned, 'cid')],
  },
};
