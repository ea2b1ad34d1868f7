/** What emr-clean needs: its part of the bucket, and a cluster that takes steps. */
import { DescribeClusterCommand, type EMRClient, ListClustersCommand } from '@aws-sdk/client-emr';
import type { S3Client } from '@aws-sdk/client-s3';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { readingChecks, writingChecks } from '@user-behaviour/shared/s3/bucket-checks';
import type { Check, Checkup, Seen } from '@user-behaviour/shared/runner/health-checks';
import { Failure } from '@user-behaviour/shared/failure';
import type { CleanConfiguration } from './config.ts';
import { createEmrClients, EmrCluster, type EmrClients } from './cluster/emr.ts';
import { clusterGone, emrFailure } from './cluster/errors.ts';
import { tryStep } from './cluster/probe-step.ts';

export function checkup(configuration: CleanConfiguration): Checkup {
  const s3 = createS3Client(configuration);
  const clients = createEmrClients(configuration);
  const bucket = configuration.PIPELINE_BUCKET;
  const given = configuration.EMR_CLUSTER_ID;
  return {
    checks: [
      ...readingChecks(s3, bucket, 'movie_review/load'),
      ...writingChecks(s3, bucket, 'movie_review/stage'),
      ...(given === undefined
        ? [ownCluster(clients.calls, configuration)]
        : clusterChecks(clients, given, { s3, bucket })),
    ],
    [Symbol.asyncDispose]() {
      s3.destroy();
      clients.calls.destroy();
      clients.once.destroy();
      return Promise.resolve();
    },
  };
}

function clusterChecks(
  clients: EmrClients,
  id: string,
  where: { readonly s3: S3Client; readonly bucket: string },
): Check[] {
  const cluster = new EmrCluster(clients, id);
  return [
    { name: 'cluster', look: () => lookAtCluster(clients.calls, id) },
    {
      name: 'cluster: list steps',
      look: async () => ({ found: `${String((await cluster.listSteps()).length)} steps so far` }),
    },
    { name: 'cluster: step', look: () => tryStep({ ...where, cluster }) },
  ];
}

async function lookAtCluster(emr: EMRClient, id: string): Promise<Seen> {
  const { Cluster } = await emr
    .send(new DescribeClusterCommand({ ClusterId: id }))
    .catch((error: unknown) => {
      throw emrFailure(`look at cluster ${id}`, id, error);
    });
  const state = Cluster?.Status?.State ?? 'unknown';
  const release = Cluster?.ReleaseLabel ?? 'unknown release';
  if (state.startsWith('TERMINAT')) throw clusterGone(id, state);
  const found = `${state}, ${release}, ${String(Cluster?.StepConcurrencyLevel ?? 1)} steps at a time`;
  if (state !== 'WAITING' && state !== 'RUNNING') {
    throw new Failure('not-ready', `cluster ${id} is ${found}; expected WAITING or RUNNING`, {
      action: 'wait until it has started',
    });
  }
  if (!release.startsWith('emr-7.')) return { found, advice: 'tried with emr-7 only: Spark 3.5' };
  return { found };
}

/** Starting one is not tried: it costs money. */
const ownCluster = (emr: EMRClient, configuration: CleanConfiguration): Check => ({
  name: 'cluster of its own: list clusters',
  look: async () => {
    await attempt('list the clusters', () => emr.send(new ListClustersCommand({})));
    return {
      found: `${configuration.EMR_RELEASE_LABEL}, ${String(configuration.EMR_INSTANCE_COUNT)} × ${configuration.EMR_INSTANCE_TYPE}; starting one was not tried`,
    };
  },
});
