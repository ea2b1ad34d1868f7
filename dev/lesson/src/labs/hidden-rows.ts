/** A policy at the source hides rows from the role of the job. */
import type { Workshop } from '../workshop.ts';
import type { Finding, Lab } from './lab.ts';
import { ending, first, linesOf, published, second, succeed } from '../stages.ts';

export const hiddenRows: Lab = {
  name: 'hidden-rows',
  about: 'row-level security hides rows from the role that reads, and the day is smaller',
  guards: ['rows that a policy hides are an error'],
  services: ['postgres', 's3'],
  run,
};

const hidden = 'United Kingdom';

async function run(workshop: Workshop): Promise<Finding> {
  const { database, bucket } = workshop;
  const reader = `reader_${database.name}`;
  await database.query(
    `create role ${reader} login password 'lab';
     grant usage on schema retail to ${reader};
     grant select on retail.user_purchase to ${reader};
     alter table retail.user_purchase enable row level security;
     create policy no_domestic on retail.user_purchase to ${reader} using (country <> '${hidden}')`,
  );
  const url = Object.assign(new URL(database.url), { username: reader, password: 'lab' }).href;
  const options = { args: [`--ds=${first}`], env: { SOURCE_DATABASE_URL: url } };
  const refused = await workshop.job('extract-purchases', options);
  const before = await bucket.keys('user_purchase/');
  await using _ = await workshop.without(...hiddenRows.guards);
  await succeed(workshop, 'extract-purchases', options);
  const lines = await linesOf(bucket, await published(bucket, 'user_purchase/stage', first));
  const [counted] = await database.query(
    `select count(*)::int as all, (count(*) filter (where country = '${hidden}'))::int as hidden
     from retail.user_purchase
     where quantity > 2 and invoice_date >= '${first}' and invoice_date < '${second}'`,
  );
  const source = counted as { readonly all: number; readonly hidden: number };
  const wrong = (count: number) => String(count);
  return {
    figures: [
      { what: 'purchases at the source', right: String(source.all), wrong: String(source.all) },
      {
        what: 'purchases that are published',
        right: before.length === 0 ? 'none, an error' : `${String(before.length)} objects`,
        wrong: wrong(lines.length),
      },
      { what: 'exit code', right: String(refused.code), wrong: '0' },
    ],
    remarks: [
      `The policy hides ${String(source.hidden)} purchases from ${hidden}.`,
      `With the guard, the extraction ${ending(refused)}`,
    ],
  };
}
