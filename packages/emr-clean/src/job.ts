/** Reviews cleaned by Spark: what is staged and not yet done goes through three steps on EMR, is verified and published. */
import { randomUUID } from 'node:crypto';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Day, OpenJob, ReportDay, Session } from '@user-behaviour/shared/runner/job';
import { runPrefix, s3Uri, scriptKey } from '@user-behaviour/shared/keys';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import { type BatchContext, cleanBatch } from './batch.ts';
import { Clusters } from './cluster/clusters.ts';
import type { CleanConfiguration } from './config.ts';
import { dataset } from './input/day-input.ts';
import { removal, runFolder } from './cluster/hdfs-folders.ts';
import { stepPrefix } from './cluster/step-names.ts';
import { applicationSteps } from './cluster/steps.ts';

/** Days in one Spark application, where their names fit into the arguments of a step. */
const batchSize = 500;

export function open(configuration: CleanConfiguration, session: Session): Promise<OpenJob> {
  return Promise.resolve(
    session.dryRun ? openPlan(configuration) : openBatches(configuration, session),
  );
}

function openBatches(configuration: CleanConfiguration, session: Session) {
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
    maxRejected: configuration.MAX_REJECTED_REVIEWS,
    stepTimeout: configuration.EMR_STEP_TIMEOUT,
    patience: 3 * configuration.EMR_STEP_TIMEOUT + configuration.EMR_LEASE,
  };
  return {
    runBatch: {
      size: batchSize,
      run: (days: readonly Day[], reportDay: ReportDay) => cleanBatch(days, reportDay, context),
    },
    async [Symbol.asyncDispose]() {
      await clusters[Symbol.asyncDispose]();
      s3.destroy();
    },
  };
}

/** Says the steps with placeholders for what only the manifests know, and reads nothing. */
function openPlan(configuration: CleanConfiguration) {
  const bucket = configuration.PIPELINE_BUCKET;
  const plan = (given: readonly Day[], reportDay: ReportDay) => {
    const days = [...given].sort((a, b) => (a.ds < b.ds ? -1 : 1));
    const { ds: firstDs = '', run: firstRun = '' } = days[0] ?? {};
    const application = {
      bucket,
      run: firstRun,
      days: days.map(({ ds }) => ({ ds, loadRun: '{upstream run}', content: ds })),
      script: scriptKey('{sha256}'),
      maxRejected: configuration.MAX_REJECTED_REVIEWS,
    };
    const root = `hdfs:///movie_review/${firstDs}/${firstRun}/{hash of the input}`;
    const standing = configuration.EMR_CLUSTER_ID !== undefined;
    const cleanUp = removal(
      `${stepPrefix(
        days.map(({ ds }) => ds),
        firstRun,
      )}4-clean-up`,
      [runFolder(firstDs, firstRun)],
    );
    const planned = Object.values(applicationSteps(application, root));
    const steps = standing ? [...planned, cleanUp] : planned;
    for (const { ds, run } of days) {
      reportDay(ds, {
        status: 'planned',
        parameters: { maxRejectedReviews: configuration.MAX_REJECTED_REVIEWS },
        cluster: configuration.EMR_CLUSTER_ID ?? `transient (${configuration.EMR_RELEASE_LABEL})`,
        ...(ds === firstDs
          ? { steps: steps.map(({ name, args }) => ({ name, args })) }
          : { goesWith: firstDs }),
        writes: s3Uri(bucket, runPrefix(dataset, ds, run)),
      });
    }
    return Promise.resolve();
  };
  return {
    runBatch: { size: batchSize, run: plan },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
