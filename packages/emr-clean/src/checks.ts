/** The health checks of emr-clean: access to the bucket, and a cluster that accepts steps. */
import { DescribeClusterCommand, type EMRClient } from '@aws-sdk/client-emr';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import { readingChecks, writingChecks } from '@user-behaviour/shared/s3/bucket-checks';
import type {
  CheckResult,
  HealthCheck,
  HealthChecks,
} from '@user-behaviour/shared/runner/health-checks';
import { Failure } from '@user-behaviour/shared/failure';
import type { CleanConfiguration } from './config.ts';
import { createEmrClients, EmrCluster, type EmrClients } from './cluster/emr.ts';
import { ClusterGone, emrFailure } from './cluster/errors.ts';
import { runProbeStep } from './cluster/probe-step.ts';
import { transientClusterChecks } from './transient-checks.ts';

export function healthChecks(configuration: CleanConfiguration): HealthChecks {
  const s3 = createS3Client(configuration);
  const clients = createEmrClients(configuration);
  const bucket = configuration.PIPELINE_BUCKET;
  const cluster = configuration.EMR_CLUSTER_ID;
  return {
    checks: [
      ...readingChecks(s3, bucket, 'movie_review/load'),
      ...writingChecks(s3, bucket, 'movie_review/stage'),
      ...(cluster === undefined
        ? transientClusterChecks(clients.retrying, configuration)
        : clusterChecks(clients, cluster, { s3, bucket })),
    ],
    [Symbol.asyncDispose]() {
      s3.destroy();
      clients.retrying.destroy();
      clients.single.destroy();
      return Promise.resolve();
    },
  };
}

function clusterChecks(clients: EmrClients, id: string, where: Bucket): HealthCheck[] {
  const cluster = new EmrCluster(clients, id);
  return [
    { name: 'cluster', run: () => describeCluster(clients.retrying, id) },
    {
      name: 'cluster: list steps',
      run: async () => ({ found: `${String((await cluster.listSteps()).length)} steps so far` }),
    },
    { name: 'cluster: step', run: () => runProbeStep({ ...where, cluster }) },
  ];
}

async function describeCluster(emr: EMRClient, id: string): Promise<CheckResult> {
  const { Cluster } = await emr
    .send(new DescribeClusterCommand({ ClusterId: id }))
    .catch((error: unknown) => {
      throw emrFailure(`describe cluster ${id}`, { id, isTransient: false }, error);
    });
  const state = Cluster?.Status?.State ?? 'unknown';
  const release = Cluster?.ReleaseLabel ?? 'unknown release';
  if (state.startsWith('TERMINAT')) throw new ClusterGone({ id, isTransient: false }, state);
  const found = `${state}, ${release}, ${String(Cluster?.StepConcurrencyLevel ?? 1)} steps at a time`;
  if (state !== 'WAITING' && state !== 'RUNNING') {
    throw new Failure('not-ready', `cluster ${id} is ${found}; expected WAITING or RUNNING`, {
      action: 'wait until the cluster has started',
    });
  }
  if (!release.startsWith('emr-7.')) return { found, advice: 'tested only with emr-7 (Spark 3.5)' };
  return { found };
}
