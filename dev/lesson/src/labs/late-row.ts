/** A purchase that reaches the source after its day was extracted. */
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { Workshop } from '../workshop.ts';
import { figure, type Finding, type Lab } from './lab.ts';
import { first, linesOf, published, second, succeed } from '../stages.ts';

export const lateRow: Lab = {
  name: 'late-row',
  about: 'a purchase that is booked after its day was extracted is never read',
  guards: ['a day that has changed at the source is extracted again'],
  services: ['postgres', 's3'],
  run,
};

const invoice = 'LATE01';

async function run(workshop: Workshop): Promise<Finding> {
  const right = await extractTwoDays(workshop, workshop.bucket);
  await using _ = await workshop.without(...lateRow.guards);
  const wrong = await extractTwoDays(workshop, await workshop.anotherBucket());
  return {
    figures: [
      figure(`purchases of ${first} at the source`, 'atSource', right, wrong),
      figure('purchases that are published', 'rows', right, wrong),
      figure('times that the late purchase is among them', 'late', right, wrong),
    ],
    remarks: [
      `The purchase of ${first} was booked after that day was extracted.`,
      `Then ${second} was extracted with --look-back=1.`,
    ],
  };
}

async function extractTwoDays(workshop: Workshop, bucket: TestBucket) {
  const env = { PIPELINE_BUCKET: bucket.name };
  const { database } = workshop;
  await database.query('delete from retail.user_purchase where invoice_number = $1', [invoice]);
  await succeed(workshop, 'extract-purchases', { args: [`--ds=${first}`], env });
  await database.query(
    `insert into retail.user_purchase
       (invoice_number, stock_code, detail, quantity, invoice_date, unit_price, customer_id, country)
     values ($1, '85123A', 'booked late', 6, '${first} 17:00', 2.55, 17850, 'France')`,
    [invoice],
  );
  await succeed(workshop, 'extract-purchases', { args: [`--ds=${second}`, '--look-back=1'], env });
  const manifest = await published(bucket, 'user_purchase/stage', first);
  const lines = await linesOf(bucket, manifest);
  const [counted] = await database.query(
    `select count(*)::int as rows from retail.user_purchase
     where quantity > 2 and invoice_date >= '${first}' and invoice_date < '${second}'`,
  );
  return {
    atSource: (counted as { readonly rows: number }).rows,
    rows: manifest.totals.rows,
    late: lines.filter((line) => line.startsWith(invoice)).length,
  };
}
