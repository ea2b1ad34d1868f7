/** The metric of each day: read both upstreams, set the partitions, replace the slices of a set of days in one transaction. */
import { Semaphore } from '@user-behaviour/shared/concurrency';
import { lazily } from '@user-behaviour/shared/lazy';
import { RunRecord } from '@user-behaviour/shared/run-record/run-record';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import type { Day, OpenJob, Outcome, ReportDay, Session } from '@user-behaviour/shared/runner/job';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { type LoadConfiguration, mostDaysTogether } from './config.ts';
import { DataApi } from './data-api/client.ts';
import { loadDays, type Warehouse } from './load-days.ts';
import { partitionFiles } from './partitions/partition-statements.ts';
import { statementName } from './data-api/names.ts';
import { currentLoadSql } from './load/transaction.ts';
import { staleLoads } from './load/stale-loads.ts';
import { prepareWarehouse, warehouseObjects } from './load/warehouse.ts';

/** Manifests that are read at a time. */
const readers = 8;

export function open(configuration: LoadConfiguration, session: Session): Promise<OpenJob> {
  const settings = {
    bucket: configuration.PIPELINE_BUCKET,
    spectrumRole: configuration.SPECTRUM_ROLE_ARN,
  };
  const s3 = createS3Client(configuration);
  const api = new DataApi(configuration, session.signal);
  const warehouse: Warehouse = {
    api,
    store: new ManifestStore(s3, settings.bucket, readers),
    bucket: settings.bucket,
    historyStart: configuration.HISTORY_START,
    session,
    serverTime: new ServerClock(s3, session.now).now,
    setDays: configuration.LOAD_SET_DAYS,
    // A set waits here, and not for the lock, where its time would count.
    loads: new Semaphore(1),
    prepare: lazily((day: Day) =>
      prepareWarehouse(api, settings, statementName(day, 'prepare'), day.log),
    ),
  };
  return Promise.resolve({
    runBatch: {
      size: sizeOfBatches(configuration.LOAD_SET_DAYS, session),
      run: session.dryRun
        ? planDays([...warehouseObjects(settings).values()].map(({ name }) => name))
        : (days, reportDay) => loadDays(days, reportDay, warehouse),
    },
    behind: async (days) => {
      const { withTouchedDays } = await import('./touched-days.ts');
      return staleLoads(await withTouchedDays(days, { s3, bucket: settings.bucket }), warehouse);
    },
    runRecord: new RunRecord({ s3, bucket: settings.bucket }),
    [Symbol.asyncDispose]() {
      api[Symbol.dispose]();
      s3.destroy();
      return Promise.resolve();
    },
  });
}

/**
 * Days whose ledger rows and partitions are queried and set together: whole sets, as many as fit. With
 * --depends-on-past a day is loaded only after the day before, so each is a batch.
 */
const sizeOfBatches = (setDays: number, { flags }: Session): number =>
  flags.has('depends-on-past') ? 1 : Math.floor(mostDaysTogether / setDays) * setDays;

const planDays = (objects: readonly string[]) => (days: readonly Day[], reportDay: ReportDay) => {
  for (const day of days) reportDay(day.ds, plan(day, objects));
  return Promise.resolve();
};

function plan(day: Day, objects: readonly string[]): Outcome {
  return {
    status: 'planned',
    parameters: { loadSql: currentLoadSql() },
    makesIfMissing: objects,
    partitions: partitionFiles,
    transaction:
      'lock, read both sides, audit, replace the day, audit, ledger; for a set of days together',
    replaces: `public.user_behavior_metric where insert_date = '${day.ds}'`,
  };
}
