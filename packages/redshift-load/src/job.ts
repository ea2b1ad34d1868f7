/** The metric of each day: take both upstreams, point the partitions at them, replace the slice in one transaction. */
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Day, OpenJob, Outcome, Session, Settle } from '@user-behaviour/shared/runner/job';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { LoadConfiguration } from './config.ts';
import { DataApi } from './data-api/client.ts';
import { loadDays, type Warehouse } from './load-days.ts';
import { partitionFiles } from './partitions/partition-statements.ts';
import { Places } from './places.ts';
import { statementName } from './data-api/names.ts';
import { prepareWarehouse, warehouseObjects } from './load/warehouse.ts';

/** Days whose ledger and partitions are asked for and pointed together. */
const batchSize = 100;
/** Days whose manifests are read at a time. */
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
    store: new ManifestStore(s3, settings.bucket),
    bucket: settings.bucket,
    historyStart: configuration.HISTORY_START,
    session,
    places: { loads: new Places(session.parallel), reads: new Places(readers) },
    prepare: once((day) => prepareWarehouse(api, settings, statementName(day, 'prepare'), day.log)),
  };
  return Promise.resolve({
    runBatch: {
      size: sizeOfBatches(session),
      run: session.dryRun
        ? planDays([...warehouseObjects(settings).values()].map(({ name }) => name))
        : (days, settle) => loadDays(days, settle, warehouse),
    },
    [Symbol.asyncDispose]() {
      api[Symbol.dispose]();
      s3.destroy();
      return Promise.resolve();
    },
  });
}

/** A day that waits for its upstreams, or for the day before, must keep no other one waiting. */
const sizeOfBatches = ({ wait, flags }: Session): number =>
  wait > 0 || flags.has('depends-on-past') ? 1 : batchSize;

/** Runs it once for all who ask; a failure is not kept for those who ask later. */
function once(work: (day: Day) => Promise<void>): (day: Day) => Promise<void> {
  let done: Promise<void> | undefined;
  return (day) =>
    (done ??= work(day).catch((error: unknown) => {
      done = undefined;
      throw error;
    }));
}

const planDays = (objects: readonly string[]) => (days: readonly Day[], settle: Settle) => {
  for (const day of days) settle(day.ds, plan(day, objects));
  return Promise.resolve();
};

function plan(day: Day, objects: readonly string[]): Outcome {
  return {
    status: 'planned',
    makesIfMissing: objects,
    partitions: partitionFiles,
    transaction: 'lock, read both sides, replace the day, audit, ledger',
    replaces: `public.user_behavior_metric where insert_date = '${day.ds}'`,
  };
}
