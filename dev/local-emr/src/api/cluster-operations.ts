/** Starting, showing and terminating clusters. */
import { ServiceError, type Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { terminateByUser } from '../clusters/cluster-machine.ts';
import { newCluster } from '../clusters/new-cluster.ts';
import { addSteps } from '../steps/step-admission.ts';
import { clusterOf, jobFlowOf } from './lookups.ts';
import { parseRequest } from './model.ts';
import type { EmrState } from './operations.ts';
import { page } from './paging.ts';
import { isRelease } from './release-labels.ts';
import { clusterArn, clusterDetails, clusterSummary } from './replies.ts';
import * as requests from './requests.ts';
import { unknownSecurityConfiguration } from './security-operations.ts';

export function clusterOperations(
  { clusters, securityConfigurations }: EmrState,
  region: string,
): Record<string, Operation> {
  return {
    RunJobFlow: (input) => {
      const request = parseRequest('RunJobFlow', requests.runJobFlow, input);
      const { ReleaseLabel: release, SecurityConfiguration: security } = request;
      const { Steps, StepExecutionRoleArn } = request;
      if (release !== undefined && !isRelease(release)) {
        throw new ServiceError(
          'ValidationException',
          `The supplied release label is invalid: ${release}.`,
        );
      }
      if (security !== undefined && securityConfigurations.get(security) === undefined) {
        throw new ServiceError('ValidationException', unknownSecurityConfiguration(security));
      }
      const now = Date.now();
      const { cluster } = addSteps(newCluster(request, now), Steps, StepExecutionRoleArn, now);
      clusters.create(cluster);
      return { JobFlowId: cluster.id, ClusterArn: clusterArn(cluster.id, region) };
    },

    DescribeCluster: (input) => {
      const { ClusterId } = parseRequest('DescribeCluster', requests.ofCluster, input);
      return { Cluster: clusterDetails(clusterOf(clusters, 'DescribeCluster', ClusterId), region) };
    },

    ListClusters: (input) => {
      const request = parseRequest('ListClusters', requests.listClusters, input);
      const { items, marker } = page(
        clusters.newestFirst(),
        ({ state, createdAt }) =>
          (request.ClusterStates?.includes(state) ?? true) &&
          createdAt >= (request.CreatedAfter ?? 0) * 1000 &&
          createdAt <= (request.CreatedBefore ?? Infinity) * 1000,
        { operation: 'ListClusters', marker: request.Marker },
      );
      return { Clusters: items.map((cluster) => clusterSummary(cluster, region)), Marker: marker };
    },

    // `aws emr describe-cluster` calls it too.
    ListBootstrapActions: (input) => {
      const operation = 'ListBootstrapActions';
      const { ClusterId, Marker } = parseRequest(operation, requests.pageOfCluster, input);
      clusterOf(clusters, operation, ClusterId);
      return { BootstrapActions: page([], () => true, { operation, marker: Marker }).items };
    },

    TerminateJobFlows: (input) => {
      const { JobFlowIds } = parseRequest('TerminateJobFlows', requests.terminateJobFlows, input);
      const known = JobFlowIds.map((id) => jobFlowOf(clusters, id));
      for (const { id } of known.filter((cluster) => !cluster.terminationProtected)) {
        clusters.update(id, (cluster) => terminateByUser(cluster, Date.now()));
      }
      if (known.some((cluster) => cluster.terminationProtected)) {
        throw new ServiceError(
          'ValidationException',
          'Could not shut down one or more job flows since they are termination protected.',
        );
      }
      return {};
    },
  };
}
