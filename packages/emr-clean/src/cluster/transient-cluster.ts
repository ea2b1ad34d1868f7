/** A cluster for one run. RunJobFlow has no idempotency token, so the cluster is found again by its name. */
import {
  type ClusterState,
  type EMRClient,
  ListClustersCommand,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { Failure } from '@user-behaviour/shared/failure';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { CleanConfiguration } from '../config.ts';
import { clusterRequest } from './cluster-request.ts';
import type { EmrClients } from './emr.ts';
import { mayHaveBeenApplied, refusal } from './errors.ts';

const clusterName = (run: string): string => `emr-clean/${run}`;

/** Milliseconds that a cluster has to show up in ListClusters after a lost reply. */
const lostReplyTimeout = 10_000;

const usable: ClusterState[] = ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING'];

/** Returns the id of the run's cluster and starts the cluster if the run has none. */
export async function findOrStartCluster(
  run: string,
  clients: EmrClients,
  configuration: CleanConfiguration,
  signal: AbortSignal,
): Promise<string> {
  const name = clusterName(run);
  const find = async () => (await clustersNamed([name], clients.retrying))[0];
  const found = await find();
  if (found !== undefined) return found;
  try {
    return await startCluster(name, clients.single, configuration);
  } catch (error) {
    if (!mayHaveBeenApplied(error)) throw refusal(`start cluster ${name}`, error);
    const started = await waitFor(find, { signal, timeout: lostReplyTimeout, minPause: 500 });
    if (started === undefined) throw refusal(`start cluster ${name}`, error);
    return started;
  }
}

async function startCluster(
  name: string,
  client: EMRClient,
  configuration: CleanConfiguration,
): Promise<string> {
  const { JobFlowId } = await client.send(
    new RunJobFlowCommand(clusterRequest(name, configuration)),
  );
  if (JobFlowId === undefined) {
    throw new Failure('transient', `EMR returned no id for cluster ${name}`);
  }
  return JobFlowId;
}

async function clustersNamed(
  names: readonly string[],
  client: EMRClient,
  states = usable,
): Promise<string[]> {
  const ids: string[] = [];
  let marker: string | undefined;
  do {
    const page = await attempt('list the clusters', () =>
      client.send(
        new ListClustersCommand({
          ClusterStates: states,
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

/** Whether a cluster that the run started may still work on its steps: one that is terminating may. */
export const hasCluster = async (run: string, client: EMRClient): Promise<boolean> =>
  (await clustersNamed([clusterName(run)], client, [...usable, 'TERMINATING'])).length > 0;

/** Terminates the clusters that these runs started and returns their ids. */
export async function terminateClustersOf(
  runs: readonly string[],
  client: EMRClient,
): Promise<readonly string[]> {
  if (runs.length === 0) return [];
  const ids = await clustersNamed(runs.map(clusterName), client);
  for (const id of ids) await terminateCluster(id, client);
  return ids;
}

async function terminateCluster(id: string, client: EMRClient): Promise<void> {
  await attempt(`terminate cluster ${id}`, () =>
    client.send(new TerminateJobFlowsCommand({ JobFlowIds: [id] })),
  );
}
