/** The columns of the source table, as PostgreSQL's catalog shows them. */
import type { Column } from '../src/table-schema.ts';

/** As sql/source/001_user_purchase.sql creates it. */
export const documentedTable: readonly Column[] = [
  { name: 'invoice_number', type: 'character varying(10)' },
  { name: 'stock_code', type: 'character varying(20)' },
  { name: 'detail', type: 'character varying(1000)' },
  { name: 'quantity', type: 'integer' },
  { name: 'invoice_date', type: 'timestamp without time zone' },
  { name: 'unit_price', type: 'numeric(8,3)' },
  { name: 'customer_id', type: 'integer' },
  { name: 'country', type: 'character varying(20)' },
];

/** The documented table with another type of one column. */
export const withType = (name: string, type: string): readonly Column[] =>
  documentedTable.map((column) => (column.name === name ? { name, type } : column));
