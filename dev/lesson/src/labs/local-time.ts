/** A day by the clock of a session, not in UTC. */
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { Workshop } from '../workshop.ts';
import { figure, type Finding, type Lab } from './lab.ts';
import { ending, linesOf, published, second, succeed } from '../stages.ts';

const zoneless = 'a time with a zone is refused';
const utc = 'times of the source are read in UTC';

export const localTime: Lab = {
  name: 'local-time',
  about: 'a day that begins at midnight of the server and not of UTC has the rows of two days',
  guards: [zoneless, utc],
  services: ['postgres', 's3'],
  run,
};

const zone = 'Asia/Tokyo';

async function run(workshop: Workshop): Promise<Finding> {
  const { database, bucket } = workshop;
  await succeed(workshop, 'extract-purchases', { args: [`--ds=${second}`] });
  const right = await look(bucket, workshop);
  await database.query(
    `alter table retail.user_purchase
       alter column invoice_date type timestamptz using invoice_date at time zone 'UTC';
     alter database ${database.name} set timezone to '${zone}'`,
  );
  const refused = await workshop.job('extract-purchases', { args: [`--ds=${second}`, '--force'] });
  await using _ = await workshop.without(zoneless, utc);
  const other = await workshop.anotherBucket();
  const env = { PIPELINE_BUCKET: other.name };
  await succeed(workshop, 'extract-purchases', { args: [`--ds=${second}`], env });
  const wrong = await look(other, workshop);
  return {
    figures: [
      figure('purchases that are published', 'rows', right, wrong),
      figure(`of these between 00:00 and 24:00 UTC of ${second}`, 'ofDay', right, wrong),
      figure('first purchase, UTC', 'from', right, wrong),
      figure('last purchase, UTC', 'to', right, wrong),
    ],
    remarks: [
      `On the right, invoice_date has a time zone, and that of the server is ${zone}.`,
      `With the guards, the extraction ${ending(refused)}`,
    ],
  };
}

/** What is published of the day, with its times in UTC. */
async function look(bucket: TestBucket, { database }: Workshop) {
  const lines = await linesOf(bucket, await published(bucket, 'user_purchase/stage', second));
  const times = lines.map(
    (line) => /,(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^,]*),/.exec(line)?.[1] ?? '',
  );
  const [found] = await database.query(
    `select count(*)::int as rows, (count(*) filter (where date(at) = '${second}'))::int as "ofDay",
       min(at)::text as from, max(at)::text as to
     from (
       select case when time ~ '[+-]\\d\\d$' then time::timestamptz at time zone 'UTC' else time::timestamp end as at
       from unnest($1::text[]) as time
     ) as times`,
    [times],
  );
  return found as { rows: number; ofDay: number; from: string; to: string };
}
