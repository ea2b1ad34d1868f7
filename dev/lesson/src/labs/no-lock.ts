/** Two first loads of a day at once, on PostgreSQL with the statements of the load: its isolation levels are real. */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  redshiftStandIns,
  statementsOf,
  tableOf,
} from '@user-behaviour/faults/observe/load-on-postgres';
import pg from 'pg';
import type { Workshop } from '../workshop.ts';
import type { Finding, Lab } from './lab.ts';
import { first } from '../stages.ts';

export const noLock: Lab = {
  name: 'no-lock',
  about: 'two first loads of a day at once both insert it',
  guards: ['one load at a time: the lock'],
  services: ['postgres', 's3'],
  run,
};

async function run(workshop: Workshop): Promise<Finding> {
  await createWarehouse(workshop);
  const right = await loadTwice(workshop);
  await workshop.database.query(
    'truncate public.user_behavior_metric, public.user_behavior_metric_load, public.user_behavior_metric_day',
  );
  await using _ = await workshop.without(...noLock.guards);
  const wrong = await loadTwice(workshop);
  const compare = (what: string, key: 'rows' | 'customers' | 'amount' | 'ledger') => ({
    what,
    right: right[key],
    wrong: wrong[key],
  });
  return {
    figures: [
      compare('rows of the metric', 'rows'),
      compare('customers', 'customers'),
      compare('amount_spent', 'amount'),
      compare('rows of the ledger for the day', 'ledger'),
    ],
    remarks: [
      'Both loads committed. The transactions are those of redshift-load, at repeatable read in PostgreSQL, which is',
      "Redshift's snapshot isolation; each customer of the day has one review.",
      `The second load ${right.waited ? 'waited for the first' : 'did not wait'} with the lock, and ${wrong.waited ? 'waited' : 'did not wait'} without it.`,
    ],
  };
}

const [purchasesRun, reviewsRun] = ['p1', 'r1'];

/** The tables of the metric, and the day's purchases of the sample where the external tables would have them. */
async function createWarehouse({ folder, database }: Workshop): Promise<void> {
  const files = globSync('sql/warehouse/{ddl/0[4-9]*,migration/*}.sql', { cwd: folder }).sort();
  const tables = await Promise.all(
    files.map(async (file) => tableOf(await readFile(join(folder, file), 'utf8'))),
  );
  await database.query(`${redshiftStandIns}\n${tables.join('\n')}`);
  await database.query(
    `insert into spectrum.user_purchase_staging
     select invoice_number, stock_code, detail, quantity, invoice_date, unit_price, customer_id, country,
       '${first}', '${locationOf('user_purchase/stage', purchasesRun)}file'
     from retail.user_purchase where quantity > 2 and invoice_date::date = '${first}';
     insert into spectrum.movie_review_clean_stage
     select distinct customer_id::text, true, date '${first}', '${locationOf('movie_review/stage', reviewsRun)}file'
     from spectrum.user_purchase_staging where customer_id is not null`,
  );
}

const locationOf = (dataset: string, run = ''): string => `s3://lab/${dataset}/${first}/${run}/`;

interface LoadModule {
  readonly planLoad: (day: object, bucket: string, upstreams: object) => object;
  readonly wholeSet: (loads: readonly object[]) => object;
  readonly loadStatements: () => readonly { readonly sql: string }[];
  readonly parametersOfSet: (set: object) => Readonly<Record<string, string>>;
}

let imports = 0;

/** The statements of a load as the copy of the repository has them now. */
async function statementsOfLoad({ folder, database }: Workshop, run: string) {
  const path = pathToFileURL(join(folder, 'packages/redshift-load/src/load/transaction.ts')).href;
  // Another address each time, or the module would be the one that was read before the lock was taken out.
  imports += 1;
  const module = (await import(`${path}?${imports}`)) as LoadModule;
  const count = async (table: string) => {
    const [found] = await database.query(`select count(*)::int as rows from spectrum.${table}`);
    return (found as { readonly rows: number }).rows;
  };
  const manifest = async (dataset: string, of: string, table: string) => ({
    manifest: {
      ...{ dataset, ds: first, run: of, generation: 1, parameters: { minQuantity: 2 } },
      totals: { rows: await count(table), rejected: 0, belowQuantity: 0 },
    },
  });
  const load = module.planLoad({ ds: first, run }, 'lab', {
    purchases: await manifest('user_purchase/stage', purchasesRun, 'user_purchase_staging'),
    reviews: await manifest('movie_review/stage', reviewsRun, 'movie_review_clean_stage'),
  });
  return statementsOf({
    Sqls: module.loadStatements().map(({ sql }) => sql),
    Parameters: Object.entries(module.parametersOfSet(module.wholeSet([load]))).map(
      ([name, value]) => ({ name, value }),
    ),
  });
}

/** One load up to its commit, then another that begins before that commit. */
async function loadTwice(workshop: Workshop) {
  const { database } = workshop;
  const clients = await Promise.all(
    ['one', 'two'].map(async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('begin isolation level repeatable read');
      return client;
    }),
  );
  const [one, two] = clients;
  if (one === undefined || two === undefined) throw new Error('two clients were expected');
  try {
    const [ofOne, ofTwo] = [
      await statementsOfLoad(workshop, 'one'),
      await statementsOfLoad(workshop, 'two'),
    ];
    for (const sql of ofOne) await one.query(sql);
    const second = (async () => {
      for (const sql of ofTwo) await two.query(sql);
      return 'done';
    })();
    const waited = (await Promise.race([second, pause(2_000, 'waiting')])) === 'waiting';
    await one.query('commit');
    await second;
    await two.query('commit');
    return { ...(await look(workshop)), waited };
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function look({ database }: Workshop) {
  const [found] = await database.query(
    `select count(*)::text as rows, count(distinct customerid)::text as customers,
       round(sum(amount_spent), 2)::text as amount,
       (select count(*)::text from public.user_behavior_metric_load where ds = '${first}') as ledger
     from public.user_behavior_metric where insert_date = '${first}'`,
  );
  return found as Readonly<Record<'rows' | 'customers' | 'amount' | 'ledger', string>>;
}
