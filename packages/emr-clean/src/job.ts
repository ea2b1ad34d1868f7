/** Reviews cleaned by Spark: what is staged and not yet done goes through three steps on EMR, is verified and published. */
import { randomUUID } from 'node:crypto';
import type { Ds } from '@user-behaviour/shared/ds';
import type { ConfigurationOf } from '@user-behaviour/shared/runner/config';
import { RunRecord } from '@user-behaviour/shared/run-record/run-record';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Day, OpenJob, ReportDay, Session } from '@user-behaviour/shared/runner/job';
import { runPrefix, s3Uri, scriptKey } from '@user-behaviour/shared/keys';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import { type BatchContext, cleanBatch } from './batch.ts';
import { Clusters } from './cluster/clusters.ts';
import type { CleanConfiguration, variables } from './config.ts';
import { dataset } from './input/day-input.ts';
import type { PrepareContext } from './input/prepare-day.ts';
import { removal, runFolder } from './cluster/hdfs-folders.ts';
import { stepPrefix } from './cluster/step-names.ts';
import { applicationSteps } from './cluster/steps.ts';

/** Days in one Spark application, where their names fit into the arguments of a step. */
const batchSize = 500;

/** `configurationOf` has the settings of a day. */
export function open(
  configuration: CleanConfiguration,
  session: Session,
  configurationOf: ConfigurationOf<typeof variables>,
): Promise<OpenJob> {
  const maxRejected = (ds: Ds) => configurationOf(ds).MAX_REJECTED_REVIEWS;
  return Promise.resolve(
    session.dryRun
      ? openPlan(configuration, maxRejected)
      : openBatches(configuration, session, maxRejected),
  );
}

type MaxRejected = PrepareContext['maxRejected'];

function openBatches(
  configuration: CleanConfiguration,
  session: Session,
  maxRejected: MaxRejected,
) {
  const s3 = createS3Client(configuration);
  const bucket = configuration.PIPELINE_BUCKET;
  const clusters = new Clusters(configuration, session);
  const { now } = new ServerClock(s3, session.now);
  const { log } = session;
  const context: BatchContext = {
    where: { s3, bucket },
    store: new ManifestStore(s3, bucket),
    session,
    clusters,
    leases: { s3, bucket, owner: randomUUID(), life: configuration.EMR_LEASE, now, log },
    maxRejected,
    stepTimeout: configuration.EMR_STEP_TIMEOUT,
    patience: 3 * configuration.EMR_STEP_TIMEOUT + configuration.EMR_LEASE,
  };
  return {
    runBatch: {
      size: batchSize,
      run: (days: readonly Day[], reportDay: ReportDay) => cleanBatch(days, reportDay, context),
    },
    runRecord: new RunRecord({ s3, bucket }),
    async [Symbol.asyncDispose]() {
      await clusters[Symbol.asyncDispose]();
      s3.destroy();
    },
  };
}

/** Says the steps with placeholders for what only the manifests know, and reads nothing. */
function openPlan(configuration: CleanConfiguration, maxRejected: MaxRejected) {
  const plan = (given: readonly Day[], reportDay: ReportDay) => {
    const sorted = [...given].sort((a, b) => (a.ds < b.ds ? -1 : 1));
    const byShare = Map.groupBy(sorted, ({ ds }) => maxRejected(ds));
    for (const [share, days] of byShare) planTogether(days, share, configuration, reportDay);
    return Promise.resolve();
  };
  return {
    runBatch: { size: batchSize, run: plan },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function planTogether(
  days: readonly Day[],
  maxRejected: number,
  { PIPELINE_BUCKET: bucket, EMR_CLUSTER_ID, EMR_RELEASE_LABEL }: CleanConfiguration,
  reportDay: ReportDay,
): void {
  const { ds: firstDs = '', run: firstRun = '' } = days[0] ?? {};
  const application = {
    bucket,
    run: firstRun,
    days: days.map(({ ds }) => ({ ds, loadRun: '{upstream run}', content: ds })),
    script: scriptKey('{sha256}'),
    maxRejected,
  };
  const root = `hdfs:///movie_review/${firstDs}/${firstRun}/{hash of the input}`;
  const planned = Object.values(applicationSteps(application, root));
  const steps = EMR_CLUSTER_ID === undefined ? planned : [...planned, cleanUpOf(days)];
  for (const { ds, run } of days) {
    reportDay(ds, {
      status: 'planned',
      parameters: { maxRejectedReviews: maxRejected },
      cluster: EMR_CLUSTER_ID ?? `transient (${EMR_RELEASE_LABEL})`,
      ...(ds === firstDs
        ? { steps: steps.map(({ name, args }) => ({ name, args })) }
        : { goesWith: firstDs }),
      writes: s3Uri(bucket, runPrefix(dataset, ds, run)),
    });
  }
}

function cleanUpOf(days: readonly Day[]) {
  const { ds = '', run = '' } = days[0] ?? {};
  const prefix = stepPrefix(
    days.map(({ ds }) => ds),
    run,
  );
  return removal(`${prefix}4-clean-up`, [runFolder(ds, run)]);
}
