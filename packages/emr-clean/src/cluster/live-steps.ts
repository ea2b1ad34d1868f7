/** Finds out for `sweep` whether the steps that a lease names have ended. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { CleanConfiguration } from '../config.ts';
import { createEmrClients, EmrCluster, type EmrClients, type RemoteStep } from './emr.ts';
import { ClusterGone } from './errors.ts';
import { isStepOf } from './step-names.ts';
import { liveStates } from './step-status.ts';
import { hasCluster } from './transient-cluster.ts';

/** A day, and the runs that its lease names. */
export interface LeasedDay {
  readonly ds: Ds;
  readonly runs: readonly string[];
}

type Settings = Pick<
  CleanConfiguration,
  'AWS_REGION' | 'AWS_ENDPOINT_URL_EMR' | 'SOCKET_TIMEOUT' | 'EMR_CLUSTER_ID'
>;

/**
 * The days of which a named run has a live step on the standing cluster, or, without one, a live cluster.
 * @throws a failure if EMR cannot be asked.
 */
export async function daysWithLiveSteps(
  settings: Settings,
  days: readonly LeasedDay[],
  clients: EmrClients = createEmrClients(settings),
): Promise<ReadonlySet<Ds>> {
  const { EMR_CLUSTER_ID: id } = settings;
  try {
    const isLive =
      id === undefined
        ? await clusterLookup(days, clients)
        : await stepLookup(new EmrCluster(clients, id));
    return new Set(days.filter(isLive).map(({ ds }) => ds));
  } finally {
    clients.retrying.destroy();
    clients.single.destroy();
  }
}

async function stepLookup(cluster: EmrCluster): Promise<(day: LeasedDay) => boolean> {
  const steps = await liveSteps(cluster);
  return ({ ds, runs }) => steps.some(({ name }) => isStepOf(name, ds, runs));
}

/** A cluster that is gone has ended all steps. */
async function liveSteps(cluster: EmrCluster): Promise<readonly RemoteStep[]> {
  try {
    return await cluster.listSteps(liveStates);
  } catch (error) {
    if (error instanceof ClusterGone) return [];
    throw error;
  }
}

async function clusterLookup(days: readonly LeasedDay[], { retrying }: EmrClients) {
  const live = new Set<string>();
  for (const run of new Set(days.flatMap(({ runs }) => runs))) {
    if (await hasCluster(run, retrying)) live.add(run);
  }
  return ({ runs }: LeasedDay): boolean => runs.some((run) => live.has(run));
}
