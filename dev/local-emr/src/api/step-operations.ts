/** Adding, showing and cancelling steps. */
import type { Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { cancelSteps } from '../clusters/cluster-machine.ts';
import type { Clusters } from '../clusters/clusters.ts';
import { addSteps } from '../steps/step-admission.ts';
import { clusterOf, jobFlowOf, stepOf } from './lookups.ts';
import { parseRequest } from './model.ts';
import { page } from './paging.ts';
import { stepDetails, stepSummary } from './replies.ts';
import * as requests from './requests.ts';

export function stepOperations(clusters: Clusters): Record<string, Operation> {
  return {
    AddJobFlowSteps: (input) => {
      const request = parseRequest('AddJobFlowSteps', requests.addJobFlowSteps, input);
      const known = jobFlowOf(clusters, request.JobFlowId);
      const added = addSteps(known, request.Steps, request.ExecutionRoleArn, Date.now());
      clusters.update(known.id, () => added.cluster);
      return { StepIds: added.ids };
    },

    DescribeStep: (input) => {
      const { ClusterId, StepId } = parseRequest('DescribeStep', requests.describeStep, input);
      const { steps } = clusterOf(clusters, 'DescribeStep', ClusterId);
      return { Step: stepDetails(stepOf(steps, 'DescribeStep', StepId)) };
    },

    // Newest first, 50 a page (API model, ListSteps).
    ListSteps: (input) => {
      const request = parseRequest('ListSteps', requests.listSteps, input);
      const { steps } = clusterOf(clusters, 'ListSteps', request.ClusterId);
      for (const id of request.StepIds ?? []) stepOf(steps, 'ListSteps', id);
      const { items, marker } = page(
        steps.toReversed(),
        ({ id, state }) =>
          (request.StepStates?.includes(state) ?? true) && (request.StepIds?.includes(id) ?? true),
        { operation: 'ListSteps', marker: request.Marker },
      );
      return { Steps: items.map(stepSummary), Marker: marker };
    },

    CancelSteps: (input) => {
      const request = parseRequest('CancelSteps', requests.cancelSteps, input);
      const known = clusterOf(clusters, 'CancelSteps', request.ClusterId);
      const killAtOnce = request.StepCancellationOption === 'TERMINATE_PROCESS';
      const { cluster, infos } = cancelSteps(known, request.StepIds, killAtOnce, Date.now());
      clusters.update(known.id, () => cluster);
      return { CancelStepsInfoList: infos };
    },
  };
}
