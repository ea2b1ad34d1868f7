/** The initial records of clusters: those of RunJobFlow, and the local cloud's shared cluster. */
import type * as z from 'zod';
import type { ClusterRecord } from './cluster.ts';
import type { runJobFlow } from '../api/requests.ts';
import { collectionsOf } from './instances.ts';
import { newId } from '../steps/step-admission.ts';

/** STARTING, without steps. */
export function newCluster(request: z.output<typeof runJobFlow>, now: number): ClusterRecord {
  const id = newId('j');
  return {
    id,
    name: request.Name,
    state: 'STARTING',
    stepConcurrencyLevel: request.StepConcurrencyLevel,
    keepAlive: request.Instances.KeepJobFlowAliveWhenNoSteps,
    terminationProtected: request.Instances.TerminationProtected,
    idleTimeoutSeconds: request.AutoTerminationPolicy?.IdleTimeout,
    releaseLabel: request.ReleaseLabel,
    applications: request.Applications.flatMap(({ Name }) => Name ?? []),
    logUri: request.LogUri,
    serviceRole: request.ServiceRole,
    tags: request.Tags,
    instances: collectionsOf(id, request.Instances),
    visibleToAllUsers: request.VisibleToAllUsers,
    shown: shownMembers(request),
    createdAt: now,
    steps: [],
  };
}

/** The cluster in `.env.local`. It always exists and runs one step at a time, the default of EMR. */
export function sharedCluster(id: string, now: number): ClusterRecord {
  return {
    id,
    name: 'local-cloud',
    state: 'STARTING',
    stepConcurrencyLevel: 1,
    keepAlive: true,
    terminationProtected: false,
    // The release with the Spark version that runs here.
    releaseLabel: 'emr-7.13.0',
    applications: ['Hadoop', 'Spark'],
    tags: [],
    instances: collectionsOf(id, {
      KeepJobFlowAliveWhenNoSteps: true,
      TerminationProtected: false,
    }),
    visibleToAllUsers: true,
    shown: {},
    createdAt: now,
    steps: [],
  };
}

function shownMembers(request: z.output<typeof runJobFlow>): Record<string, unknown> {
  const { SecurityConfiguration, AutoScalingRole, ScaleDownBehavior, CustomAmiId } = request;
  const { EbsRootVolumeSize, EbsRootVolumeIops, EbsRootVolumeThroughput } = request;
  const { RepoUpgradeOnBoot, OSReleaseLabel, LogEncryptionKmsKeyId, Configurations } = request;
  const { Ec2KeyName, Ec2SubnetId, Ec2SubnetIds, Placement, ...instances } = request.Instances;
  const { EmrManagedMasterSecurityGroup, EmrManagedSlaveSecurityGroup } = instances;
  const { AdditionalMasterSecurityGroups, AdditionalSlaveSecurityGroups } = instances;
  const subnets = Ec2SubnetIds ?? (Ec2SubnetId === undefined ? undefined : [Ec2SubnetId]);
  return {
    ...{ SecurityConfiguration, AutoScalingRole, ScaleDownBehavior, CustomAmiId },
    ...{ EbsRootVolumeSize, EbsRootVolumeIops, EbsRootVolumeThroughput },
    ...{ RepoUpgradeOnBoot, OSReleaseLabel, LogEncryptionKmsKeyId, Configurations },
    Ec2InstanceAttributes: {
      ...{ Ec2KeyName, Ec2SubnetId: subnets?.[0], RequestedEc2SubnetIds: subnets },
      Ec2AvailabilityZone: Placement?.AvailabilityZone,
      IamInstanceProfile: request.JobFlowRole,
      ...{ EmrManagedMasterSecurityGroup, EmrManagedSlaveSecurityGroup },
      ServiceAccessSecurityGroup: instances.ServiceAccessSecurityGroup,
      ...{ AdditionalMasterSecurityGroups, AdditionalSlaveSecurityGroups },
    },
  };
}
