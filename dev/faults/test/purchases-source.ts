/** A source whose days all have the same purchases, with a bucket for one experiment. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { BundledJob } from '@user-behaviour/testkit/bundled-job';
import { freshBucket } from '@user-behaviour/testkit/servers/bucket';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { publishedDay } from '../src/observe/bucket-state.ts';

/** A view with the same purchases every day, so that many large days cost nothing. */
const sourceView = (rows: number, width: number) =>
  `create schema retail; create view retail.user_purchase as
   select n::varchar(10) as invoice_number, 'x'::varchar(20) as stock_code,
          repeat('a, "b"', ${width})::varchar(1000) as detail, 3 as quantity,
          day::timestamp as invoice_date, 1.5::numeric(8, 3) as unit_price,
          n as customer_id, 'x'::varchar(20) as country
   from generate_series(timestamp '2010-01-01', '2013-01-01', '1 day') as day,
        generate_series(1, ${rows}) as n`;

/** A fresh source and bucket: `rows` purchases a day, each with a text of `width` times six characters. */
export async function openSource(cloud: TestCloud, job: BundledJob, rows: number, width: number) {
  await using stack = new AsyncDisposableStack();
  const bucket = stack.use(await freshBucket(cloud));
  const database = stack.use(await freshDatabase(cloud));
  await database.query(sourceView(rows, width));
  const abandoned = new Set<string>();
  const state = async (ds: Ds) => {
    const day = await publishedDay(bucket, 'user_purchase/stage', ds);
    day.abandoned.forEach((key) => abandoned.add(key));
    return { rows: day.rows, rest: [day.state, day.strays] };
  };
  const all = stack.move();
  return {
    bucket,
    database,
    abandoned,
    bench: { job, env: { ...bucket.env, SOURCE_DATABASE_URL: database.url }, state },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
