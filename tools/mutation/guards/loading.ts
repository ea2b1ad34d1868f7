/** Guards of redshift-load and of its SQL. */
import type { Mutation } from '../mutation.ts';

const load = (file: string) => `packages/redshift-load/${file}`;
const sql = (file: string) => `sql/warehouse/${file}.sql`;

/** The transaction without one statement; the job's result must show that it is missing. */
const without = (statement: string, caughtBy: string, named: string) => ({
  file: load('src/load/transaction.ts'),
  find: `    statement(${statement}),\n`,
  replace: '',
  caughtBy,
  named,
});

/** An audit that always passes. */
const blind = (audit: string, named: string) => ({
  file: sql(`audit/${audit}`),
  find: "then '0'",
  replace: "then '0' when true then '0'",
  caughtBy: load('test/audits.it.test.ts'),
  named,
});

/** Between the two aggregations of a side. */
const joined = `
) as staged
inner join planned_day on planned_day.ds = staged.ds
`;

export const loading: readonly Mutation[] = [
  {
    guard: 'one load at a time: the lock',
    ...without(
      "'load', '010_lock'",
      'dev/faults/test/isolation.fault.test.ts',
      'one of several first loads',
    ),
  },
  {
    guard: 'a load moves forward only: in the transaction',
    ...without(
      "'audit', '010_moves_forward'",
      load('test/audits.it.test.ts'),
      'a later generation than the manifests',
    ),
  },
  {
    guard: 'the old slice is deleted before the new one is inserted',
    ...without("'load', '040_delete_days'", load('test/load.it.test.ts'), 'replaces the slice'),
  },
  {
    guard: 'the audits run within the transaction',
    ...without(
      "'audit', '050_amount_not_inflated'",
      load('test/audits.it.test.ts'),
      'the transaction with a built-in error',
    ),
  },
  {
    guard: 'the ledger row is written with the slice',
    ...without("'load', '070_insert_ledger'", load('test/load.it.test.ts'), 'changes nothing'),
  },
  {
    guard: 'a load moves forward only: the statement',
    ...blind('010_moves_forward', 'a later generation than the manifests'),
  },
  {
    guard: 'purchases are conserved',
    ...blind('020_purchases_conserved', 'counts a purchase that does not exist'),
  },
  {
    guard: 'reviews are conserved',
    ...blind('030_reviews_conserved', 'counts a review that does not exist'),
  },
  {
    guard: 'one row per customer',
    ...blind('040_one_row_per_customer', 'the transaction with a built-in error'),
  },
  {
    guard: 'the amount is not inflated',
    ...blind('050_amount_not_inflated', 'the transaction with a built-in error'),
  },
  {
    guard: 'purchases come only from the published run',
    ...blind('021_purchases_of_published_run', 'the transaction with a built-in error'),
  },
  {
    guard: 'an amount that the metric cannot hold is told',
    ...blind('022_amounts_fit', 'spent more than the metric can hold'),
  },
  {
    guard: 'a price keeps the decimals of the source',
    file: sql('load/021_fill_purchase_day'),
    find: 'cast(unit_price as decimal(18, 5))',
    replace: 'cast(unit_price as decimal(18, 3))',
    caughtBy: load('test/load.it.test.ts'),
    named: 'equals an independent computation',
  },
  {
    guard: 'reviews come only from the published run',
    ...blind('031_reviews_of_published_run', 'the transaction with a built-in error'),
  },
  {
    guard: 'each side is aggregated before the join: reviews',
    file: sql('load/031_fill_review_day'),
    find: `group by 1, 2, 3${joined}group by 1, 2;`,
    replace: `group by 1, 2, 3, positive_review${joined}group by 1, 2, staged.review_score;`,
    caughtBy: load('test/load.it.test.ts'),
    named: 'nothing fans out',
  },
  {
    guard: 'each side is aggregated before the join: purchases',
    file: sql('load/021_fill_purchase_day'),
    find: `group by 1, 2, 3${joined}group by 1, 2;`,
    replace: `group by 1, 2, 3, invoice_number${joined}group by 1, 2, staged.amount_spent;`,
    caughtBy: load('test/load.it.test.ts'),
    named: 'nothing fans out',
  },
  {
    guard: 'a comma within quotes shifts no column',
    file: sql('ddl/020_user_purchase_staging'),
    find: "'quoteChar' = '\"'",
    replace: "'quoteChar' = '\u0002'",
    caughtBy: load('test/content.it.test.ts'),
  },
  {
    guard: 'a part of a row counts as stray',
    file: sql('load/021_fill_purchase_day'),
    find: 'then staged.purchase_rows - staged.whole_rows',
    replace: 'then 0',
    caughtBy: load('test/content.it.test.ts'),
    named: 'merges two rows and splits another',
  },
  {
    guard: 'statements of a killed run end before a day is set and loaded',
    file: load('src/load/other-runs.ts'),
    find: 'if (running.length === 0) return false;',
    replace: 'if (running.length >= 0) return false;',
    caughtBy: load('test/killed.it.test.ts'),
    named: 'they keep the newer files',
  },
  {
    guard: '--depends-on-past looks for the day before',
    file: load('src/load-days.ts'),
    find: '    await requireDayBefore(day, warehouse);\n',
    replace: '',
    caughtBy: load('test/load.it.test.ts'),
    named: 'with --depends-on-past',
  },
  {
    guard: 'the upstream manifests are read again after the commit',
    file: load('src/sets/load-sets.ts'),
    find: 'const current = await upstreamsOf(day, warehouse);',
    replace: 'const current = upstreams;',
    caughtBy: load('test/trouble.it.test.ts'),
    named: 'whose upstream changes before the commit',
  },
  {
    guard: 'a day that other runs keep changing is tried five times, and no more',
    file: load('src/load-days.ts'),
    find: 'const maxRounds = 5;',
    replace: 'const maxRounds = 1;',
    caughtBy: load('src/load-days.test.ts'),
  },
  {
    guard: 'what fails for the days that are ready leaves the waiting days alone',
    file: load('src/load-days.ts'),
    find: '    } catch (error) {\n      for (const { day } of rest) {',
    replace:
      '    } catch (error) {\n      if (round > 0) throw error;\n      for (const { day } of rest) {',
    caughtBy: load('src/load-days.test.ts'),
  },
  {
    guard: 'a day that was loaded with other SQL is not current',
    file: load('src/load/existing-load.ts'),
    find: 'parameters: { loadSql } };',
    replace: 'parameters: { loadSql: loadedWith ?? loadSql } };',
    caughtBy: load('test/load.it.test.ts'),
    named: 'with other SQL',
  },
  {
    guard: 'the audits count as SQL of the load',
    file: load('src/load/load-sql.ts'),
    find: '({ name }) => !bookkeeping.has(name)',
    replace: "({ name, kind }) => !bookkeeping.has(name) && kind !== 'audit'",
    caughtBy: load('src/load/load-sql.test.ts'),
  },
  {
    guard: 'migrations are recorded in their transaction',
    file: load('src/tables/migrate.ts'),
    find: '    ...unrecorded.map(record),\n',
    replace: '',
    caughtBy: load('src/tables/migrate.test.ts'),
  },
  {
    guard: 'migrations lock the loads out',
    file: load('src/tables/migrate.ts'),
    find: "    statement('load', '010_lock'),\n",
    replace: '',
    caughtBy: load('src/tables/migrate.test.ts'),
  },
  {
    guard: 'a column that a newer release removed is not added again',
    file: load('src/tables/migrate.ts'),
    find: 'newest > last && recorded.has(number)',
    replace: 'newest > last && !recorded.has(number)',
    caughtBy: load('src/tables/migrate.test.ts'),
  },
  {
    guard: 'a ledger row is rebuilt only for the rows that a load would write',
    ...blind('061_slice_as_loaded', 'the others stay due'),
    caughtBy: load('test/rebuild-ledger.it.test.ts'),
  },
  {
    guard: 'a changed slice is compared with its ledger row',
    file: sql('load/loaded'),
    find: 'end as whole',
    replace: 'end * 0 + 1 as whole',
    caughtBy: load('test/load.it.test.ts'),
    named: 'repairs a slice',
  },
  {
    guard: 'a load whose slice differs from its ledger is not current',
    file: load('src/load/existing-load.ts'),
    find: "row['whole'] === '1'",
    replace: 'true',
    caughtBy: load('test/load.it.test.ts'),
    named: 'repairs a slice',
  },
  {
    guard: 'partitions that a dead run changed are set back',
    file: load('src/load-days.ts'),
    find: 'setPartitions(planned, partitions, step, reportDay, api)',
    replace:
      'setPartitions(planned, existing.size === planned.length ? [] : partitions, step, reportDay, api)',
    caughtBy: load('test/audits.it.test.ts'),
    named: 'that a run changed before it died',
  },
];
