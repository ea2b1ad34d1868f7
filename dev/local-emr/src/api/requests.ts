/** The requests according to the API model. What is not emulated is rejected, not ignored. */
import * as z from 'zod';
import { ServiceError } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { actionOnFailure, clusterState, stepState } from '../clusters/cluster.ts';

const text256 = z.string().max(256);

const stepConfig = z.object({
  Name: text256,
  ActionOnFailure: actionOnFailure.optional(),
  HadoopJarStep: z.object({
    Jar: z.string().max(10_280),
    MainClass: z.string().max(10_280).optional(),
    Args: z.array(z.string()).optional(),
    Properties: z
      .array(z.object({ Key: z.string().optional(), Value: z.string().optional() }))
      .optional(),
  }),
});
export type StepConfig = z.infer<typeof stepConfig>;

const notEmulated = z
  .array(z.unknown())
  .max(0, 'the local cloud does not support bootstrap actions; omit BootstrapActions')
  .optional();

export const runJobFlow = z.object({
  Name: text256,
  Instances: z.object({
    KeepJobFlowAliveWhenNoSteps: z.boolean().default(false),
    TerminationProtected: z.boolean().default(false),
  }),
  Steps: z.array(stepConfig).default([]),
  StepExecutionRoleArn: z.string().min(20).max(2048).optional(),
  StepConcurrencyLevel: z.number().int().min(1).max(256).default(1),
  AutoTerminationPolicy: z
    .object({ IdleTimeout: z.number().int().min(60).max(604_800).default(3600) })
    .optional(),
  ReleaseLabel: text256.optional(),
  Applications: z.array(z.object({ Name: z.string().optional() })).default([]),
  LogUri: z.string().optional(),
  ServiceRole: z.string().optional(),
  Tags: z.array(z.object({ Key: z.string().optional(), Value: z.string().optional() })).default([]),
  BootstrapActions: notEmulated,
});

export const describeCluster = z.object({ ClusterId: text256 });

export const listClusters = z.object({
  CreatedAfter: z.number().optional(),
  CreatedBefore: z.number().optional(),
  ClusterStates: z.array(clusterState).optional(),
  Marker: z.string().optional(),
});

export const addJobFlowSteps = z.object({
  JobFlowId: text256,
  Steps: z.array(stepConfig).min(1),
  ExecutionRoleArn: z.string().min(20).max(2048).optional(),
});

export const describeStep = z.object({ ClusterId: text256, StepId: text256 });

export const listSteps = z.object({
  ClusterId: text256,
  StepStates: z.array(stepState).optional(),
  StepIds: z.array(z.string()).max(10, 'at most ten step ids are allowed').optional(),
  Marker: z.string().optional(),
});

export const cancelStepsRequest = z.object({
  ClusterId: text256,
  StepIds: z.array(text256).min(1).max(256),
  StepCancellationOption: z.enum(['SEND_INTERRUPT', 'TERMINATE_PROCESS']).optional(),
});

export const terminateJobFlows = z.object({ JobFlowIds: z.array(z.string()).min(1).max(10) });

/** The exception for invalid input. Older operations do not model one and use ValidationException. */
type BadInput = 'ValidationException' | 'InvalidRequestException';

/** The parsed request. @throws ServiceError that lists every error in the request. */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  code: BadInput,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `Value at '${issue.path.join('.')}' failed to satisfy constraint: ${issue.message}`,
  );
  const count = `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected`;
  throw new ServiceError(code, `${count}: ${faults.join('; ')}`);
}
