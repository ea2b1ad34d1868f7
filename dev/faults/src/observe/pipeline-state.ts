/** All that a backfill leaves, without names of runs, times and how often something was published. */
import { type Ds, dsRange } from '@user-behaviour/shared/ds';
import { datasets } from '@user-behaviour/shared/pipeline';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { publishedDay } from './bucket-state.ts';
import type { WarehouseInspector } from './warehouse-inspector.ts';

export interface PipelineState {
  readonly days: ReadonlyMap<Ds, string>;
  /** Of the metric and of all that is published, with their day. */
  readonly rows: readonly string[];
  readonly metricRows: number;
  /** Partitions that do not point at the published run. */
  readonly astray: readonly string[];
}

const withoutGenerations = (of: unknown): unknown =>
  JSON.parse(
    JSON.stringify(of)
      .replaceAll(/"generation":\d+/g, '"generation":0')
      .replaceAll(/(_manifest\.json",)\d+/g, '$10'),
  );

export async function pipelineState(
  bucket: TestBucket,
  warehouse: WarehouseInspector,
  from: Ds,
  to: Ds,
): Promise<PipelineState> {
  const days = new Map<Ds, string>();
  const astray: string[] = [];
  const rows: string[] = [];
  const slices = await warehouse.slices(from, to);
  const ledger = await warehouse.rows(
    `select ds, min_quantity, purchase_rows, review_rows, metric_rows, amount_spent, review_score,
            review_count, purchases_run, reviews_run
     from public.user_behavior_metric_load where ds between '${from}' and '${to}'`,
  );
  const partitions = new Set(
    (await warehouse.partitions()).map((location) => location.replace(/\/$/, '')),
  );
  for (const ds of dsRange(from, to)) {
    const published = await Promise.all(
      datasets.map((dataset) => publishedDay(bucket, dataset, ds)),
    );
    const [purchases, , reviews] = published;
    for (const one of [purchases, reviews]) {
      const { dataset = '', run = '' } = one?.manifest ?? {};
      const location = `s3://${bucket.name}/${dataset}/${ds}/${run}`;
      if (!partitions.has(location)) astray.push(location);
    }
    const own = ledger.filter(([day]) => day === ds);
    const expected = [purchases?.manifest?.run, reviews?.manifest?.run];
    const standing = own.map((row) => [
      row.slice(1, 8),
      row[8] === expected[0] && row[9] === expected[1],
    ]);
    const objects = published.map(({ state }) => withoutGenerations(state));
    const metric = JSON.parse(slices.get(ds) ?? '[]') as readonly unknown[];
    rows.push(...metric.map((row) => `${ds} metric ${JSON.stringify(row)}`));
    published.forEach((day, at) => {
      for (const row of day.rows) rows.push(`${ds} ${datasets[at] ?? ''} ${row}`);
    });
    days.set(ds, JSON.stringify({ slice: slices.get(ds), standing, objects }));
  }
  const [[count = '0'] = []] = await warehouse.rows(
    'select count(*) from public.user_behavior_metric',
  );
  return { days, rows, metricRows: Number(count), astray };
}
