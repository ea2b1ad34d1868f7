/** Guards of the days that redshift-load loads together. */
import type { Mutation } from '../mutation.ts';

const load = (file: string) => `packages/redshift-load/${file}`;
const sql = (file: string) => `sql/warehouse/${file}.sql`;

/** What 031_fill_review_day.sql has between the day and the selection of the day. */
const reviewsOfDay = `        cast(cid as integer) as customer_id,
        "$path" as path,
        count(*) as review_count,
        sum(case when positive_review then 1 else 0 end) as review_score
    from spectrum.movie_review_clean_stage
`;

const selection = `    where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
      and insert_date in (/* each day */ cast(:ds as date) /* end */)
`;

export const loadSets: readonly Mutation[] = [
  {
    guard: 'a scan has its days as a constant list, so that it reads their partitions only',
    file: sql('load/021_fill_purchase_day'),
    find: 'between cast(:first_ds as date) and cast(:last_ds as date)\n      and insert_date in (/* each day */ cast(:ds as date) /* end */)',
    replace: 'in (select ds from planned_day)',
    caughtBy: load('test/queries.it.test.ts'),
    named: 'one partition of each table',
  },
  {
    guard: 'the sides of different days are not joined',
    file: sql('load/050_insert_days'),
    find: 'on review_day.ds = purchase_day.ds and ',
    replace: 'on ',
    caughtBy: load('test/load.it.test.ts'),
    named: 'loads each day without changing another',
  },
  {
    guard: 'an audit compares each day of a set with its own manifest',
    file: sql('audit/020_purchases_conserved'),
    find: 'group by planned_day.ds, planned_day.purchase_rows\n    having coalesce(sum(purchase_day.purchase_rows), 0) <> planned_day.purchase_rows',
    replace:
      'group by planned_day.ds, planned_day.purchase_rows\n    having (select sum(purchase_rows) from purchase_day) <> (select sum(purchase_rows) from planned_day)',
    caughtBy: load('test/audits.it.test.ts'),
    named: 'whose wrong counts cancel out',
  },
  {
    guard: 'the days that an audit names are loaded apart from the others',
    file: load('src/sets/load-sets.ts'),
    find: '          namedBy: daysOf,\n',
    replace: '',
    caughtBy: load('src/sets/load-sets.test.ts'),
  },
  {
    guard: 'a bad day does not fail the other days of its set',
    file: 'packages/shared/src/batches/halving.ts',
    find: 'group.length === 1',
    replace: 'group.length > 0',
    caughtBy: load('src/sets/load-sets.test.ts'),
  },
  {
    guard: 'the bytes that a set reads have a limit',
    file: load('src/sets/divide.ts'),
    find: ' || bytes + own > mostBytes',
    replace: '',
    caughtBy: load('src/sets/divide.test.ts'),
  },
  {
    guard: 'equal sets have equal tokens, whatever the order of their days',
    file: load('src/load/transaction.ts'),
    find: 'loads.toSorted((a, b) => (a.day.ds < b.day.ds ? -1 : 1))',
    replace: 'loads',
    caughtBy: load('src/sets/load-sets.test.ts'),
  },
  {
    guard: 'a load reads the reviews of its day only',
    file: 'sql/warehouse/load/031_fill_review_day.sql',
    find: `        insert_date as ds,\n${reviewsOfDay}${selection}`,
    replace: `        /* each day */ cast(:ds as date) /* end */ as ds,\n${reviewsOfDay}`,
    caughtBy: load('test/load.it.test.ts'),
    named: 'equals an independent computation',
  },
  {
    guard: 'the purchases of a day are read from one table only',
    file: load('src/load/transaction.ts'),
    find: '(one === format ? [index] : [])',
    replace: '(one === format || index > 0 ? [index] : [])',
    caughtBy: load('src/load/transaction.test.ts'),
  },
];
