/** A source that is set up for capture, its own slot, and an empty bucket. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase, type TestDatabase } from '@user-behaviour/testkit/servers/database';

const sql = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../../../sql/source', path), 'utf8');

const table = sql('001_user_purchase.sql');
export const setUp = sql('capture/010_identity_and_publication.sql');
export const role = sql('capture/020_role.sql');
export const tearDown = sql('capture/090_drop.sql');

export interface Fixture extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly bucket: TestBucket;
  readonly env: Readonly<Record<string, string>>;
  readonly slot: string;
  readonly head: () => Promise<ChangesHead>;
}

export async function openFixture(cloud: TestCloud): Promise<Fixture> {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(await freshDatabase(cloud));
  const bucket = stack.use(await freshBucket(cloud));
  const slot = `test_${randomBytes(6).toString('hex')}`;
  stack.defer(async () => {
    await database.query(
      `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${slot}' and active`,
    );
    await database.query(
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${slot}'`,
    );
  });
  await database.query(table);
  await database.query(setUp);
  const all = stack.move();
  return {
    database,
    bucket,
    slot,
    env: { ...bucket.env, SOURCE_DATABASE_URL: database.url, CAPTURE_SLOT: slot },
    head: async () =>
      JSON.parse(await bucket.text('user_purchase/changes/_head.json')) as ChangesHead,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
