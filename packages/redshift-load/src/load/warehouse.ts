/** The objects that a load needs in the warehouse. A missing one is created; each is safe to create again. */
import type { Log } from '@user-behaviour/shared/runner/log';
import type { DataApi } from '../data-api/client.ts';
import { StatementError } from '../data-api/request.ts';
import { type Statement, statement } from '../data-api/sql.ts';
import { alreadyExists } from '../data-api/status.ts';

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
    ['spectrum.movie_review_clean_stage', statement('ddl', '030_movie_review_clean_stage', values)],
    ['public.user_behavior_metric', statement('ddl', '040_user_behavior_metric')],
    ['public.user_behavior_metric_load', statement('ddl', '050_user_behavior_metric_load')],
    [
      'public.user_behavior_metric_load_lock',
      statement('ddl', '060_user_behavior_metric_load_lock'),
    ],
  ]);
}

/** Reads in one statement what exists, and creates only what does not. `prefix` begins the names of the statements. */
export async function prepareWarehouse(
  api: DataApi,
  settings: WarehouseSettings,
  prefix: string,
  log: Log,
): Promise<void> {
  const query = {
    name: `${prefix}/existing`,
    statements: [statement('ddl', 'existing')],
    reads: true,
  };
  const rows = await api.ask(query, log);
  const existing = new Set(
    rows.map((row) => `${row['schema_name'] ?? ''}.${row['table_name'] ?? ''}`),
  );
  for (const [object, ddl] of warehouseObjects(settings)) {
    if (existing.has(object)) continue;
    try {
      await api.run({ name: `${prefix}/${ddl.name}`, statements: [ddl] }, log);
      log.info(`created ${object.replace(/\.$/, '')} in the warehouse`);
    } catch (error) {
      // Another run created it after our query.
      if (!(error instanceof StatementError) || !alreadyExists(error.message)) throw error;
    }
  }
}
