/** The objects that a load needs in the warehouse. A missing one is created; each is safe to create again. */
import type { Log } from '@user-behaviour/shared/runner/log';
import type { DataApi } from '../data-api/client.ts';
import { type Statement, statement } from '../data-api/sql.ts';
import { create } from '../tables/create.ts';
import { firstTables } from '../tables/definitions.ts';
import { foundTables, withTables } from '../tables/found-tables.ts';
import { migrate } from '../tables/migrate.ts';

export interface WarehouseSettings {
  readonly bucket: string;
  readonly spectrumRole: string;
}

/** By the name that sql/warehouse/ddl/existing.sql reports: schema, or schema and table. External ones first. */
export function warehouseObjects(settings: WarehouseSettings): ReadonlyMap<string, Statement> {
  const values = { bucket: settings.bucket, spectrum_role_arn: settings.spectrumRole };
  return new Map([
    ['spectrum.', statement('ddl', '010_external_schema', values)],
    ['spectrum.user_purchase_staging', statement('ddl', '020_user_purchase_staging', values)],
    [
      'spectrum.user_purchase_staging_parquet',
      statement('ddl', '025_user_purchase_staging_parquet', values),
    ],
    ['spectrum.movie_review_clean_stage', statement('ddl', '030_movie_review_clean_stage', values)],
    ['public.user_behavior_metric', statement('ddl', '040_user_behavior_metric')],
    ['public.user_behavior_metric_load', statement('ddl', '050_user_behavior_metric_load')],
    [
      'public.user_behavior_metric_load_lock',
      statement('ddl', '060_user_behavior_metric_load_lock'),
    ],
    [
      'public.user_behavior_metric_migration',
      statement('ddl', '070_user_behavior_metric_migration'),
    ],
  ]);
}

/**
 * Reads in one statement what exists, creates only what does not, and applies the missing migrations.
 * `prefix` begins the names of the statements. Safe to repeat, whole or in part.
 */
export async function prepareWarehouse(
  api: DataApi,
  settings: WarehouseSettings,
  prefix: string,
  log: Log,
): Promise<void> {
  const look = () =>
    api.ask(
      { name: `${prefix}/existing`, statements: [statement('ddl', 'existing')], reads: true },
      log,
    );
  const rows = await look();
  const existing = new Set(
    rows.map((row) => `${row['schema_name'] ?? ''}.${row['table_name'] ?? ''}`),
  );
  const missing = [...warehouseObjects(settings)].filter(([object]) => !existing.has(object));
  for (const [object, ddl] of missing) {
    if (await create(ddl, { api, prefix, log })) {
      log.info(`created ${object.replace(/\.$/, '')} in the warehouse`);
    }
  }
  const created = firstTables().filter(({ table }) => !existing.has(table));
  await migrate(withTables(foundTables(rows), created), {
    api,
    prefix,
    look: async () => foundTables(await look()),
    log,
  });
}
