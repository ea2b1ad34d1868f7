/** Operations that change a setting of a cluster: tags, protection, concurrency, auto-termination. */
import type { Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { isTerminated, type ClusterRecord } from '../clusters/cluster.ts';
import { setIdleTimeout, updateState } from '../clusters/cluster-machine.ts';
import type { Clusters } from '../clusters/clusters.ts';
import { clusterOf, jobFlowOf } from './lookups.ts';
import { parseRequest, wrongInput, type OperationName } from './model.ts';
import * as requests from './requests.ts';

type Change = (cluster: ClusterRecord) => ClusterRecord;

export function settingOperations(clusters: Clusters): Record<string, Operation> {
  /** For operations that name clusters by ClusterId or ResourceId. */
  const change = (operation: OperationName, id: string, to: Change, what?: string): void => {
    if (isTerminated(clusterOf(clusters, operation, id, what))) {
      throw wrongInput(operation, `Cluster '${id}' is terminated and may not be modified.`);
    }
    clusters.update(id, to);
  };
  /** For the job flow operations: all clusters or none. */
  const changeAll = (ids: readonly string[], to: Change): Record<string, unknown> => {
    for (const { id } of ids.map((id) => jobFlowOf(clusters, id))) clusters.update(id, to);
    return {};
  };
  return {
    AddTags: (input) => {
      const { ResourceId, Tags } = parseRequest('AddTags', requests.addTags, input);
      const keys = new Set(Tags.map(({ Key }) => Key));
      change(
        'AddTags',
        ResourceId,
        (cluster) => ({
          ...cluster,
          tags: [...cluster.tags.filter(({ Key }) => !keys.has(Key)), ...Tags],
        }),
        'Resource',
      );
      return {};
    },

    RemoveTags: (input) => {
      const { ResourceId, TagKeys } = parseRequest('RemoveTags', requests.removeTags, input);
      change(
        'RemoveTags',
        ResourceId,
        (cluster) => ({
          ...cluster,
          tags: cluster.tags.filter(({ Key }) => !TagKeys.includes(Key)),
        }),
        'Resource',
      );
      return {};
    },

    ModifyCluster: (input) => {
      const request = parseRequest('ModifyCluster', requests.modifyCluster, input);
      const { ClusterId, StepConcurrencyLevel } = request;
      if (StepConcurrencyLevel !== undefined) {
        change('ModifyCluster', ClusterId, (cluster) => ({
          ...cluster,
          stepConcurrencyLevel: StepConcurrencyLevel,
        }));
      }
      const { stepConcurrencyLevel } = clusterOf(clusters, 'ModifyCluster', ClusterId);
      return { StepConcurrencyLevel: stepConcurrencyLevel };
    },

    SetTerminationProtection: (input) => {
      const { JobFlowIds, TerminationProtected: terminationProtected } = parseRequest(
        'SetTerminationProtection',
        requests.setTerminationProtection,
        input,
      );
      return changeAll(JobFlowIds, (cluster) => ({ ...cluster, terminationProtected }));
    },

    SetVisibleToAllUsers: (input) => {
      const { JobFlowIds, VisibleToAllUsers: visibleToAllUsers } = parseRequest(
        'SetVisibleToAllUsers',
        requests.setVisibleToAllUsers,
        input,
      );
      return changeAll(JobFlowIds, (cluster) => ({ ...cluster, visibleToAllUsers }));
    },

    SetKeepJobFlowAliveWhenNoSteps: (input) => {
      const { JobFlowIds, KeepJobFlowAliveWhenNoSteps: keepAlive } = parseRequest(
        'SetKeepJobFlowAliveWhenNoSteps',
        requests.setKeepAlive,
        input,
      );
      return changeAll(JobFlowIds, (cluster) => updateState({ ...cluster, keepAlive }, Date.now()));
    },

    PutAutoTerminationPolicy: (input) => {
      const { ClusterId, AutoTerminationPolicy } = parseRequest(
        'PutAutoTerminationPolicy',
        requests.putAutoTermination,
        input,
      );
      change('PutAutoTerminationPolicy', ClusterId, (cluster) =>
        setIdleTimeout(cluster, AutoTerminationPolicy.IdleTimeout, Date.now()),
      );
      return {};
    },

    GetAutoTerminationPolicy: (input) => {
      const { ClusterId } = parseRequest('GetAutoTerminationPolicy', requests.ofCluster, input);
      const cluster = clusterOf(clusters, 'GetAutoTerminationPolicy', ClusterId);
      const IdleTimeout = cluster.idleTimeoutSeconds;
      return IdleTimeout === undefined ? {} : { AutoTerminationPolicy: { IdleTimeout } };
    },

    RemoveAutoTerminationPolicy: (input) => {
      const { ClusterId } = parseRequest('RemoveAutoTerminationPolicy', requests.ofCluster, input);
      change('RemoveAutoTerminationPolicy', ClusterId, (cluster) =>
        setIdleTimeout(cluster, undefined, Date.now()),
      );
      return {};
    },
  };
}
