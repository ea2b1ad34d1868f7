/** A cluster for one run: found again by its name, since RunJobFlow has no idempotency token either. */
import {
  type ClusterState,
  type EMRClient,
  ListClustersCommand,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { attempt, awsFailure } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { CleanConfiguration } from '../config.ts';
import type { EmrClients } from './emr.ts';
import { mayHaveArrived } from './errors.ts';

const ownClusterName = (run: string): string => `emr-clean/${run}`;

/** Seconds without a step after which a cluster that nobody ended goes by itself. */
const idleTimeout = 15 * 60;
/** Milliseconds that a cluster whose answer was lost gets to show up in ListClusters. */
const lostAnswer = 10_000;

const usable: ClusterState[] = ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING'];

/** The id of the run's cluster, found or started. */
export async function ownCluster(
  run: string,
  clients: EmrClients,
  configuration: CleanConfiguration,
  signal: AbortSignal,
): Promise<string> {
  const name = ownClusterName(run);
  const [found] = await clustersNamed([name], clients.calls);
  if (found !== undefined) return found;
  try {
    return await startCluster(name, clients.once, configuration);
  } catch (error) {
    if (!mayHaveArrived(error)) throw startFailure(name, error);
    const look = async () => (await clustersNamed([name], clients.calls))[0];
    const started = await waitFor(look, { signal, limit: lostAnswer, least: 500 });
    if (started === undefined) throw startFailure(name, error);
    return started;
  }
}

function startFailure(name: string, error: unknown): Failure {
  const failure = awsFailure(`start cluster ${name}`, error);
  if (failure.kind !== 'bug') return failure;
  return new Failure('configuration', failure.message, { cause: error });
}

async function startCluster(
  name: string,
  once: EMRClient,
  configuration: CleanConfiguration,
): Promise<string> {
  const logs = configuration.EMR_LOG_URI;
  const { JobFlowId } = await once.send(
    new RunJobFlowCommand({
      Name: name,
      ReleaseLabel: configuration.EMR_RELEASE_LABEL,
      Applications: [{ Name: 'Hadoop' }, { Name: 'Spark' }],
      ServiceRole: configuration.EMR_SERVICE_ROLE,
      JobFlowRole: configuration.EMR_JOB_FLOW_ROLE,
      ...(logs === undefined ? {} : { LogUri: logs }),
      Instances: {
        MasterInstanceType: configuration.EMR_INSTANCE_TYPE,
        SlaveInstanceType: configuration.EMR_INSTANCE_TYPE,
        InstanceCount: configuration.EMR_INSTANCE_COUNT,
        Ec2SubnetId: configuration.EMR_SUBNET_ID,
        KeepJobFlowAliveWhenNoSteps: true,
      },
      AutoTerminationPolicy: { IdleTimeout: idleTimeout },
      VisibleToAllUsers: true,
    }),
  );
  if (JobFlowId === undefined) throw new Failure('transient', `EMR gave cluster ${name} no id`);
  return JobFlowId;
}

async function clustersNamed(names: readonly string[], calls: EMRClient): Promise<string[]> {
  const ids: string[] = [];
  let marker: string | undefined;
  do {
    const page = await attempt('list the clusters', () =>
      calls.send(
        new ListClustersCommand({
          ClusterStates: usable,
          ...(marker === undefined ? {} : { Marker: marker }),
        }),
      ),
    );
    for (const { Name = '', Id } of page.Clusters ?? []) {
      if (Id !== undefined && names.includes(Name)) ids.push(Id);
    }
    marker = page.Marker;
  } while (marker !== undefined);
  return ids;
}

/** Ends the clusters that these runs have started; returns their ids. */
export async function endClustersOf(
  runs: readonly string[],
  calls: EMRClient,
): Promise<readonly string[]> {
  if (runs.length === 0) return [];
  const ids = await clustersNamed(runs.map(ownClusterName), calls);
  for (const id of ids) await endCluster(id, calls);
  return ids;
}

async function endCluster(id: string, calls: EMRClient): Promise<void> {
  await attempt(`end cluster ${id}`, () =>
    calls.send(new TerminateJobFlowsCommand({ JobFlowIds: [id] })),
  );
}
