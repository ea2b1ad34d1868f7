/** Finds what a request names, or refuses as EMR words it. */
import { ServiceError } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import type { ClusterRecord, StepRecord } from '../clusters/cluster.ts';
import type { Clusters } from '../clusters/clusters.ts';
import { wrongInput, type OperationName } from './model.ts';

/** @throws ServiceError */
export function clusterOf(
  clusters: Clusters,
  operation: OperationName,
  id: string,
  what = 'Cluster',
): ClusterRecord {
  const cluster = clusters.get(id);
  if (cluster === undefined) throw wrongInput(operation, `${what} id '${id}' is not valid.`);
  return cluster;
}

/** The job flow operations use their own error message. @throws ServiceError */
export function jobFlowOf(clusters: Clusters, id: string): ClusterRecord {
  const cluster = clusters.get(id);
  if (cluster === undefined) {
    throw new ServiceError('ValidationException', 'Specified job flow ID does not exist.');
  }
  return cluster;
}

/** @throws ServiceError */
export function stepOf(
  steps: readonly StepRecord[],
  operation: OperationName,
  id: string,
): StepRecord {
  const step = steps.find((candidate) => candidate.id === id);
  if (step === undefined) throw wrongInput(operation, `Step id '${id}' is not valid.`);
  return step;
}
