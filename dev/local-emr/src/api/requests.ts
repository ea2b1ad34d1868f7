/** The requests, with defaults and the rules that the API model only describes. The model's own rules are checked before. */
import * as z from 'zod';
import { actionOnFailure, clusterState, stepState, tag } from '../clusters/cluster.ts';
import { instanceRequest } from '../clusters/instances.ts';

const stepConfig = z.object({
  Name: z.string(),
  ActionOnFailure: actionOnFailure.optional(),
  HadoopJarStep: z.object({
    Jar: z.string(),
    MainClass: z.string().optional(),
    Args: z.array(z.string()).optional(),
    Properties: z
      .array(z.object({ Key: z.string().optional(), Value: z.string().optional() }))
      .optional(),
  }),
});
export type StepConfig = z.infer<typeof stepConfig>;

const notEmulated = (what: string) =>
  z.undefined(`the local cloud does not support ${what}`).optional();

/** API model, AutoTerminationPolicy: from a minute to seven days. */
const autoTermination = z.object({
  IdleTimeout: z.number().int().min(60).max(604_800).default(3600),
});
const stepConcurrency = z.number().int().min(1).max(256);
const tags = z.array(tag).min(1);

export const runJobFlow = z.object({
  Name: z.string(),
  Instances: instanceRequest,
  Steps: z.array(stepConfig).default([]),
  StepExecutionRoleArn: z.string().optional(),
  StepConcurrencyLevel: stepConcurrency.default(1),
  AutoTerminationPolicy: autoTermination.optional(),
  ReleaseLabel: z.string().optional(),
  AmiVersion: notEmulated('AMI versions; give a ReleaseLabel'),
  Applications: z.array(z.object({ Name: z.string().optional() })).default([]),
  LogUri: z.string().optional(),
  ServiceRole: z.string().optional(),
  JobFlowRole: z.string().optional(),
  VisibleToAllUsers: z.boolean().default(true),
  Tags: z.array(tag).default([]),
  ManagedScalingPolicy: z
    .object({
      ComputeLimits: z
        .object({ MinimumCapacityUnits: z.number(), MaximumCapacityUnits: z.number() })
        .refine(
          (limits) => limits.MinimumCapacityUnits <= limits.MaximumCapacityUnits,
          'MinimumCapacityUnits must not be greater than MaximumCapacityUnits',
        )
        .optional(),
    })
    .optional(),
  BootstrapActions: z
    .array(z.unknown())
    .max(0, 'the local cloud does not support bootstrap actions; omit BootstrapActions')
    .optional(),
  KerberosAttributes: notEmulated('Kerberos'),
  // DescribeCluster shows these as they are; they have no effect here.
  SecurityConfiguration: z.string().optional(),
  AutoScalingRole: z.string().optional(),
  ScaleDownBehavior: z.string().optional(),
  CustomAmiId: z.string().optional(),
  EbsRootVolumeSize: z.number().optional(),
  EbsRootVolumeIops: z.number().optional(),
  EbsRootVolumeThroughput: z.number().optional(),
  RepoUpgradeOnBoot: z.string().optional(),
  OSReleaseLabel: z.string().optional(),
  LogEncryptionKmsKeyId: z.string().optional(),
  Configurations: z.array(z.unknown()).optional(),
});

export const ofSecurityConfiguration = z.object({ Name: z.string() });
export const createSecurityConfiguration = ofSecurityConfiguration.extend({
  SecurityConfiguration: z.string().refine(isJsonObject, 'expected a JSON object'),
});
export const listSecurityConfigurations = z.object({ Marker: z.string().optional() });

export const ofCluster = z.object({ ClusterId: z.string() });
export const pageOfCluster = ofCluster.extend({ Marker: z.string().optional() });

export const listClusters = z.object({
  CreatedAfter: z.number().optional(),
  CreatedBefore: z.number().optional(),
  ClusterStates: z.array(clusterState).optional(),
  Marker: z.string().optional(),
});

export const addJobFlowSteps = z.object({
  JobFlowId: z.string(),
  Steps: z.array(stepConfig).min(1),
  ExecutionRoleArn: z.string().optional(),
});

export const describeStep = ofCluster.extend({ StepId: z.string() });

export const listSteps = pageOfCluster.extend({
  StepStates: z.array(stepState).optional(),
  StepIds: z.array(z.string()).max(10, 'at most ten step ids are allowed').optional(),
});

export const cancelSteps = ofCluster.extend({
  StepIds: z.array(z.string()).min(1).max(256),
  StepCancellationOption: z.enum(['SEND_INTERRUPT', 'TERMINATE_PROCESS']).optional(),
});

const jobFlowIds = z.array(z.string()).min(1).max(10);
export const terminateJobFlows = z.object({ JobFlowIds: jobFlowIds });
export const setTerminationProtection = terminateJobFlows.extend({
  TerminationProtected: z.boolean(),
});
export const setVisibleToAllUsers = terminateJobFlows.extend({ VisibleToAllUsers: z.boolean() });
export const setKeepAlive = terminateJobFlows.extend({ KeepJobFlowAliveWhenNoSteps: z.boolean() });

export const modifyCluster = ofCluster.extend({
  StepConcurrencyLevel: stepConcurrency.optional(),
  ExtendedSupport: notEmulated('extended support'),
});
export const putAutoTermination = ofCluster.extend({
  AutoTerminationPolicy: autoTermination.default({ IdleTimeout: 3600 }),
});

export const addTags = z.object({ ResourceId: z.string(), Tags: tags });
export const removeTags = z.object({ ResourceId: z.string(), TagKeys: z.array(z.string()).min(1) });

export const listInstances = pageOfCluster.extend({
  InstanceGroupId: z.string().optional(),
  InstanceGroupTypes: z.array(z.string()).optional(),
  InstanceFleetId: z.string().optional(),
  InstanceFleetType: z.string().optional(),
  InstanceStates: z.array(z.string()).optional(),
});

const onlySpark = z.literal('SHS', 'the local cloud has the Spark history server (SHS) only');
export const createUi = z.object({
  TargetResourceArn: z.string(),
  EMRContainersConfig: notEmulated('EMR on EKS'),
  Tags: z.array(tag.partial()).default([]),
  ProfilerType: onlySpark.optional(),
  // No effect here.
  XReferer: z.string().optional(),
});
export const ofUi = z.object({ PersistentAppUIId: z.string() });
export const uiUrl = ofUi.extend({
  PersistentAppUIType: onlySpark.optional(),
  ApplicationId: z.string().optional(),
  // No effect here.
  AuthProxyCall: z.boolean().optional(),
  ExecutionRoleArn: z.string().optional(),
});

const pageSize = { MaxResults: z.number().default(100), NextToken: z.string().optional() };
export const listReleaseLabels = z.object({
  Filters: z
    .object({ Prefix: z.string().optional(), Application: z.string().optional() })
    .optional(),
  ...pageSize,
});
export const describeReleaseLabel = z.object({ ReleaseLabel: z.string().optional(), ...pageSize });

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
