/** Looks for a customer in a Parquet file of purchases. */
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { isCustomer } from './customer.ts';

/** Whether a row of the file is the customer's. Reads a row group of the one column at a time. */
export async function parquetHoldsCustomer(file: AsyncBuffer, customer: string): Promise<boolean> {
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const group = { file, metadata, columns: ['customer_id'], rowStart, rowEnd };
    const rows: readonly Readonly<Record<string, unknown>>[] = await parquetReadObjects(group);
    // An integer, or null: see extract-purchases, upload/parquet/purchase-columns.ts.
    const ids = rows.map((row) => row['customer_id'] as number | null);
    if (ids.some((id) => isCustomer(String(id ?? ''), customer))) return true;
    rowStart = rowEnd;
  }
  return false;
}
