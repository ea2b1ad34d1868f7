/** The instances of a cluster. They have the state of their cluster. */
import type { Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { isTerminated, type ClusterRecord } from '../clusters/cluster.ts';
import type { Clusters } from '../clusters/clusters.ts';
import { instancesOf } from '../clusters/instances.ts';
import { clusterOf } from './lookups.ts';
import { parseRequest, wrongInput, type OperationName } from './model.ts';
import { page } from './paging.ts';
import { seconds } from './replies.ts';
import * as requests from './requests.ts';

export function instanceOperations(clusters: Clusters): Record<string, Operation> {
  return {
    ListInstanceGroups: (input) => {
      const operation = 'ListInstanceGroups';
      const { ClusterId, Marker } = parseRequest(operation, requests.pageOfCluster, input);
      const cluster = clusterOf(clusters, operation, ClusterId);
      const { groups, fleets } = cluster.instances;
      if (fleets !== undefined) throw otherKind(operation, 'fleets', 'groups');
      const found = page(groups ?? [], () => true, { operation, marker: Marker });
      const InstanceGroups = found.items.map((group) => ({
        Id: group.id,
        Name: group.Name ?? group.InstanceRole,
        Market: group.Market,
        BidPrice: group.BidPrice,
        InstanceGroupType: group.InstanceRole,
        InstanceType: group.InstanceType,
        RequestedInstanceCount: group.InstanceCount,
        RunningInstanceCount: isUp(cluster) ? group.InstanceCount : 0,
        Status: status(cluster),
        Configurations: group.Configurations ?? [],
        EbsBlockDevices: [],
        ShrinkPolicy: {},
        CustomAmiId: group.CustomAmiId,
      }));
      return { InstanceGroups, Marker: found.marker };
    },

    ListInstanceFleets: (input) => {
      const operation = 'ListInstanceFleets';
      const { ClusterId, Marker } = parseRequest(operation, requests.pageOfCluster, input);
      const cluster = clusterOf(clusters, operation, ClusterId);
      const { fleets } = cluster.instances;
      if (fleets === undefined) throw otherKind(operation, 'groups', 'fleets');
      const found = page(fleets, () => true, { operation, marker: Marker });
      const InstanceFleets = found.items.map((fleet) => ({
        Id: fleet.id,
        Name: fleet.Name ?? fleet.InstanceFleetType,
        Status: status(cluster),
        InstanceFleetType: fleet.InstanceFleetType,
        TargetOnDemandCapacity: fleet.TargetOnDemandCapacity,
        TargetSpotCapacity: fleet.TargetSpotCapacity,
        ProvisionedOnDemandCapacity: isUp(cluster) ? fleet.TargetOnDemandCapacity : 0,
        ProvisionedSpotCapacity: isUp(cluster) ? fleet.TargetSpotCapacity : 0,
        InstanceTypeSpecifications: fleet.InstanceTypeConfigs,
        LaunchSpecifications: fleet.LaunchSpecifications,
      }));
      return { InstanceFleets, Marker: found.marker };
    },

    ListInstances: (input) => {
      const operation = 'ListInstances';
      const request = parseRequest(operation, requests.listInstances, input);
      const cluster = clusterOf(clusters, operation, request.ClusterId);
      const ofFleets = cluster.instances.fleets !== undefined;
      const collection = request.InstanceGroupId ?? request.InstanceFleetId;
      const roles =
        request.InstanceGroupTypes ??
        (request.InstanceFleetType === undefined ? undefined : [request.InstanceFleetType]);
      const Status = status(cluster, isTerminated(cluster) ? 'TERMINATED' : instanceState(cluster));
      const { items, marker } = page(
        instancesOf(cluster.instances),
        ({ role, collectionId }) =>
          (roles?.includes(role) ?? true) &&
          (collection ?? collectionId) === collectionId &&
          (request.InstanceStates?.includes(Status.State) ?? true),
        { operation, marker: request.Marker },
      );
      const Instances = items.map((instance) => ({
        Id: instance.id,
        Ec2InstanceId: instance.ec2Id,
        PublicDnsName: 'localhost',
        PublicIpAddress: '127.0.0.1',
        PrivateDnsName: 'localhost',
        PrivateIpAddress: '127.0.0.1',
        Status,
        ...(ofFleets
          ? { InstanceFleetId: instance.collectionId }
          : { InstanceGroupId: instance.collectionId }),
        Market: instance.market,
        InstanceType: instance.type,
        EbsVolumes: [],
      }));
      return { Instances, Marker: marker };
    },
  };
}

const isUp = (cluster: ClusterRecord): boolean =>
  cluster.readyAt !== undefined && !isTerminated(cluster);

const instanceState = (cluster: ClusterRecord): string =>
  cluster.readyAt === undefined ? 'PROVISIONING' : 'RUNNING';

function status(cluster: ClusterRecord, state?: string) {
  const ofCollection =
    cluster.state === 'TERMINATING' || isTerminated(cluster)
      ? cluster.state.replace('_WITH_ERRORS', '')
      : instanceState(cluster);
  return {
    State: state ?? ofCollection,
    StateChangeReason:
      cluster.stateMessage === undefined
        ? {}
        : { Code: 'CLUSTER_TERMINATED', Message: cluster.stateMessage },
    Timeline: {
      CreationDateTime: seconds(cluster.createdAt),
      ReadyDateTime: seconds(cluster.readyAt),
      EndDateTime: seconds(cluster.endedAt),
    },
  };
}

const otherKind = (operation: OperationName, has: string, asked: string): Error =>
  wrongInput(operation, `The cluster uses instance ${has}; it has no instance ${asked}.`);
