/** What a run asks EMR for when it starts its own cluster. */
import type {
  InstanceFleetConfig,
  InstanceGroupConfig,
  JobFlowInstancesConfig,
  MarketType,
  RunJobFlowCommandInput,
} from '@aws-sdk/client-emr';
import type { CleanConfiguration } from '../config.ts';

/** Seconds without a step after which EMR terminates a cluster that no run has terminated. */
const idleTimeout = 15 * 60;

/**
 * A service role with the managed policy AmazonEMRServicePolicy_v2 may only touch what has this tag, and EMR gives the
 * cluster's tags to the machines that it starts (EMR management guide, "Service role for Amazon EMR").
 */
export const managedPoliciesTag = 'for-use-with-amazon-emr-managed-policies';

/** No day among them: one cluster serves all days of its run. */
const defaultTags = {
  [managedPoliciesTag]: 'true',
  project: 'user-behaviour',
  job: 'emr-clean',
};

export function clusterRequest(
  name: string,
  configuration: CleanConfiguration,
): RunJobFlowCommandInput {
  const { EMR_LOG_URI: logs, EMR_SECURITY_CONFIGURATION: security } = configuration;
  const tags = { ...defaultTags, ...configuration.EMR_TAGS };
  return {
    Name: name,
    ReleaseLabel: configuration.EMR_RELEASE_LABEL,
    Applications: [{ Name: 'Hadoop' }, { Name: 'Spark' }],
    ServiceRole: configuration.EMR_SERVICE_ROLE,
    JobFlowRole: configuration.EMR_JOB_FLOW_ROLE,
    ...(logs === undefined ? {} : { LogUri: logs }),
    ...(security === undefined ? {} : { SecurityConfiguration: security }),
    Instances: {
      ...machines(configuration),
      ...securityGroups(configuration),
      KeepJobFlowAliveWhenNoSteps: true,
    },
    AutoTerminationPolicy: { IdleTimeout: idleTimeout },
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    VisibleToAllUsers: true,
  };
}

interface Nodes {
  readonly role: 'MASTER' | 'CORE' | 'TASK';
  readonly count: number;
  readonly market: MarketType;
}

/** Only task nodes are spot instances: the loss of any other node ends the cluster or its HDFS. */
function machines(configuration: CleanConfiguration): JobFlowInstancesConfig {
  const { EMR_INSTANCE_TYPE: type, EMR_SUBNET_ID: subnets = [] } = configuration;
  const all: readonly Nodes[] = [
    { role: 'MASTER', count: 1, market: 'ON_DEMAND' },
    { role: 'CORE', count: configuration.EMR_INSTANCE_COUNT - 1, market: 'ON_DEMAND' },
    { role: 'TASK', count: configuration.EMR_TASK_SPOT_COUNT, market: 'SPOT' },
  ];
  const nodes = all.filter(({ count }) => count > 0);
  const [first, ...others] = subnets;
  // EMR chooses among several subnets for instance fleets only (API model, Ec2SubnetIds).
  if (others.length > 0) {
    return {
      InstanceFleets: nodes.map((one) => fleet(one, type)),
      Ec2SubnetIds: [...subnets],
    };
  }
  return {
    InstanceGroups: nodes.map((one) => group(one, type)),
    ...(first === undefined ? {} : { Ec2SubnetId: first }),
  };
}

const group = ({ role, count, market }: Nodes, type: string): InstanceGroupConfig => ({
  InstanceRole: role,
  InstanceType: type,
  InstanceCount: count,
  Market: market,
});

/** Minutes that EMR looks for spot instances before it takes on-demand ones. */
const spotPatience = 10;

function fleet({ role, count, market }: Nodes, type: string): InstanceFleetConfig {
  const common = { InstanceFleetType: role, InstanceTypeConfigs: [{ InstanceType: type }] };
  if (market === 'ON_DEMAND') return { ...common, TargetOnDemandCapacity: count };
  return {
    ...common,
    TargetSpotCapacity: count,
    LaunchSpecifications: {
      SpotSpecification: {
        TimeoutDurationMinutes: spotPatience,
        TimeoutAction: 'SWITCH_TO_ON_DEMAND',
      },
    },
  };
}

/** Without them, EMR makes groups of its own, which it never deletes. */
function securityGroups(configuration: CleanConfiguration): JobFlowInstancesConfig {
  const {
    EMR_PRIMARY_SECURITY_GROUP: primary,
    EMR_CORE_SECURITY_GROUP: core,
    EMR_SERVICE_SECURITY_GROUP: service,
  } = configuration;
  return {
    ...(primary === undefined ? {} : { EmrManagedMasterSecurityGroup: primary }),
    ...(core === undefined ? {} : { EmrManagedSlaveSecurityGroup: core }),
    ...(service === undefined ? {} : { ServiceAccessSecurityGroup: service }),
  };
}
