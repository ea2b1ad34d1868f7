/** The real upstream of the purchases: the source table, and the job that extracts it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ds } from '@user-behaviour/shared/ds';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { BundledJob } from '@user-behaviour/testkit/bundled-job';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';
import { expect } from 'vitest';
import { type LoadFixture, expectedSlice } from './load-fixture.ts';
import { bought, type Day } from './random-days.ts';
import { stageReviews } from './stages.ts';

const ddl = join(import.meta.dirname, '../../../sql/source/001_user_purchase.sql');

type Days = ReadonlyMap<Ds, Day>;

/** A database that holds the purchases of the days. */
export async function sourceOf(cloud: TestCloud, days: Days): Promise<TestDatabase> {
  const database = await freshDatabase(cloud);
  await database.query(await readFile(ddl, 'utf8'));
  for (const [ds, { sales }] of days) {
    await database.query(
      `insert into retail.user_purchase
       select invoice, 'code', detail, quantity, $1::timestamp + interval '8 hours', price, customer, country
       from json_to_recordset($2) as sale (invoice varchar, detail varchar, quantity integer,
         price numeric, customer integer, country varchar)`,
      [ds, JSON.stringify(sales)],
    );
  }
  return database;
}

export async function stageAllReviews(bucket: TestBucket, days: Days): Promise<void> {
  for (const [ds, { reviews }] of days) await stageReviews(bucket, ds, reviews);
}

export const rangeOf = (days: Days): readonly string[] => {
  const all = [...days.keys()];
  return [`--ds=${all[0] ?? ''}`, `--through=${all.at(-1) ?? ''}`];
};

export class TwoJobs {
  readonly #extract: BundledJob;
  readonly #load: BundledJob;

  constructor(extract: BundledJob, load: BundledJob) {
    this.#extract = extract;
    this.#load = load;
  }

  /** Runs both jobs, expects success, and returns the load's status of each day. */
  async run(env: TestCloud['env'], ...argv: readonly string[]): Promise<readonly unknown[]> {
    const extracted = await this.#extract.run(env, ...argv);
    expect(extracted.code, JSON.stringify(extracted.summaries)).toBe(0);
    const loaded = await this.#load.run(env, ...argv);
    expect(loaded.code, JSON.stringify(loaded.summaries)).toBe(0);
    // An unchanged day is reported at once, before earlier days that are loaded.
    return loaded.summaries
      .toSorted((one, other) => String(one['ds']).localeCompare(String(other['ds'])))
      .map(({ status }) => status);
  }
}

/** Expects the metric to equal a computation without SQL. */
export async function expectSlices(fixture: LoadFixture, days: Days): Promise<void> {
  for (const [ds, day] of days) {
    expect(await fixture.slice(ds), ds).toEqual(expectedSlice(bought(day), day.reviews));
  }
}
