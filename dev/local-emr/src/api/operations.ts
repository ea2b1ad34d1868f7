/** The ElasticMapReduce operations on the cluster records. */
import { ServiceError, type Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import type { ClusterRecord, StepRecord } from '../clusters/cluster.ts';
import { cancelSteps, terminateByUser } from '../clusters/cluster-machine.ts';
import type { Clusters } from '../clusters/clusters.ts';
import { newCluster } from '../clusters/new-cluster.ts';
import { page } from './paging.ts';
import { clusterArn, clusterDetails, clusterSummary, stepDetails, stepSummary } from './replies.ts';
import * as requests from './requests.ts';
import { addSteps } from '../steps/step-admission.ts';

export function emrOperations(clusters: Clusters, region: string): Record<string, Operation> {
  return {
    RunJobFlow: (input) => {
      const request = requests.parseRequest(requests.runJobFlow, input, 'ValidationException');
      const now = Date.now();
      const { cluster } = addSteps(
        newCluster(request, now),
        request.Steps,
        request.StepExecutionRoleArn,
        now,
      );
      clusters.create(cluster);
      return { JobFlowId: cluster.id, ClusterArn: clusterArn(cluster.id, region) };
    },

    DescribeCluster: (input) => {
      const request = requests.parseRequest(
        requests.describeCluster,
        input,
        'InvalidRequestException',
      );
      return { Cluster: clusterDetails(clusterOf(clusters, request.ClusterId), region) };
    },

    ListClusters: (input) => {
      const request = requests.parseRequest(
        requests.listClusters,
        input,
        'InvalidRequestException',
      );
      const found = page(
        clusters.newestFirst(),
        ({ state, createdAt }) =>
          (request.ClusterStates?.includes(state) ?? true) &&
          createdAt >= (request.CreatedAfter ?? 0) * 1000 &&
          createdAt <= (request.CreatedBefore ?? Infinity) * 1000,
        request.Marker,
      );
      if (found === undefined) throw invalidMarker(request.Marker);
      return {
        Clusters: found.items.map((cluster) => clusterSummary(cluster, region)),
        Marker: found.marker,
      };
    },

    // `aws emr describe-cluster` also calls these two; there are no instances and no bootstrap actions.
    ListInstanceGroups: (input) => {
      const request = requests.parseRequest(
        requests.describeCluster,
        input,
        'InvalidRequestException',
      );
      clusterOf(clusters, request.ClusterId);
      return { InstanceGroups: [] };
    },

    ListBootstrapActions: (input) => {
      const request = requests.parseRequest(
        requests.describeCluster,
        input,
        'InvalidRequestException',
      );
      clusterOf(clusters, request.ClusterId);
      return { BootstrapActions: [] };
    },

    AddJobFlowSteps: (input) => {
      const request = requests.parseRequest(requests.addJobFlowSteps, input, 'ValidationException');
      const known = jobFlowOf(clusters, request.JobFlowId);
      const added = addSteps(known, request.Steps, request.ExecutionRoleArn, Date.now());
      clusters.update(known.id, () => added.cluster);
      return { StepIds: added.ids };
    },

    DescribeStep: (input) => {
      const request = requests.parseRequest(
        requests.describeStep,
        input,
        'InvalidRequestException',
      );
      const { steps } = clusterOf(clusters, request.ClusterId);
      return { Step: stepDetails(stepOf(steps, request.StepId)) };
    },

    // Newest first, 50 a page (API model, ListSteps).
    ListSteps: (input) => {
      const request = requests.parseRequest(requests.listSteps, input, 'InvalidRequestException');
      const { steps } = clusterOf(clusters, request.ClusterId);
      for (const id of request.StepIds ?? []) stepOf(steps, id);
      const found = page(
        steps.toReversed(),
        ({ id, state }) =>
          (request.StepStates?.includes(state) ?? true) && (request.StepIds?.includes(id) ?? true),
        request.Marker,
      );
      if (found === undefined) throw invalidMarker(request.Marker);
      return { Steps: found.items.map(stepSummary), Marker: found.marker };
    },

    CancelSteps: (input) => {
      const request = requests.parseRequest(
        requests.cancelStepsRequest,
        input,
        'InvalidRequestException',
      );
      const known = clusterOf(clusters, request.ClusterId);
      const killAtOnce = request.StepCancellationOption === 'TERMINATE_PROCESS';
      const { cluster, infos } = cancelSteps(known, request.StepIds, killAtOnce, Date.now());
      clusters.update(known.id, () => cluster);
      return { CancelStepsInfoList: infos };
    },

    TerminateJobFlows: (input) => {
      const request = requests.parseRequest(
        requests.terminateJobFlows,
        input,
        'ValidationException',
      );
      const known = request.JobFlowIds.map((id) => jobFlowOf(clusters, id));
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

function clusterOf(clusters: Clusters, id: string): ClusterRecord {
  const cluster = clusters.get(id);
  if (cluster === undefined) throw invalid(`Cluster id '${id}' is not valid.`);
  return cluster;
}

/** The job flow operations use their own error message. */
function jobFlowOf(clusters: Clusters, id: string): ClusterRecord {
  const cluster = clusters.get(id);
  if (cluster === undefined) {
    throw new ServiceError('ValidationException', 'Specified job flow ID does not exist.');
  }
  return cluster;
}

function stepOf(steps: readonly StepRecord[], id: string): StepRecord {
  const step = steps.find((candidate) => candidate.id === id);
  if (step === undefined) throw invalid(`Step id '${id}' is not valid.`);
  return step;
}

const invalidMarker = (marker: string | undefined): ServiceError =>
  invalid(`Marker '${marker ?? ''}' is not valid.`);

const invalid = (message: string): ServiceError =>
  new ServiceError('InvalidRequestException', message);
