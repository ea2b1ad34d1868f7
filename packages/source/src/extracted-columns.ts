/** The columns of sql/source/extract/user_purchase.sql, in its order. */
export const extractedColumns = [
  'invoice_number',
  'stock_code',
  'detail',
  'quantity',
  'invoice_date',
  'unit_price',
  'customer_id',
  'country',
] as const;
