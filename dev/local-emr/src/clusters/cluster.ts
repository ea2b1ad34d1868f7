/** The records of clusters and their steps, in memory and on disk. */
import * as z from 'zod';
import { processIdentity } from '@user-behaviour/local-cloud/process-identity';
import { instanceCollections } from './instances.ts';

/** API model, StepState. */
export const stepState = z.enum([
  'PENDING',
  'CANCEL_PENDING',
  'RUNNING',
  'COMPLETED',
  'CANCELLED',
  'FAILED',
  'INTERRUPTED',
]);
export type StepState = z.infer<typeof stepState>;

/** API model, ClusterState. */
export const clusterState = z.enum([
  'STARTING',
  'BOOTSTRAPPING',
  'RUNNING',
  'WAITING',
  'TERMINATING',
  'TERMINATED',
  'TERMINATED_WITH_ERRORS',
]);

/** API model, ActionOnFailure. */
export const actionOnFailure = z.enum([
  'TERMINATE_JOB_FLOW',
  'TERMINATE_CLUSTER',
  'CANCEL_AND_WAIT',
  'CONTINUE',
]);
export type ActionOnFailure = z.infer<typeof actionOnFailure>;

const failure = z.object({
  reason: z.string(),
  message: z.string(),
  logFile: z.string().optional(),
});
type Failure = Readonly<z.infer<typeof failure>>;

const stepRecord = z.object({
  id: z.string(),
  name: z.string(),
  actionOnFailure,
  jar: z.string(),
  mainClass: z.string().optional(),
  args: z.array(z.string()),
  properties: z.record(z.string(), z.string()),
  executionRoleArn: z.string().optional(),
  state: stepState,
  stateMessage: z.string().optional(),
  failure: failure.optional(),
  /** Milliseconds since the epoch, like every time in these records. */
  createdAt: z.number(),
  startedAt: z.number().optional(),
  endedAt: z.number().optional(),
  /** CancelSteps requested TERMINATE_PROCESS: no time to clean up. */
  killAtOnce: z.boolean().optional(),
  /** The leader of the process group, while the step runs. */
  process: processIdentity.optional(),
});
export type StepRecord = Readonly<z.infer<typeof stepRecord>>;

/** EMRMG/emr-plan-tags: a key has at most 128 characters, a value at most 256. */
export const tag = z.object({
  Key: z.string().min(1).max(128),
  Value: z.string().max(256).default(''),
});
type Tag = Readonly<z.infer<typeof tag>>;

export const clusterRecord = z.object({
  id: z.string(),
  name: z.string(),
  state: clusterState,
  stateCode: z
    .enum(['USER_REQUEST', 'STEP_FAILURE', 'ALL_STEPS_COMPLETED', 'VALIDATION_ERROR'])
    .optional(),
  stateMessage: z.string().optional(),
  stepConcurrencyLevel: z.number().int().positive(),
  keepAlive: z.boolean(),
  terminationProtected: z.boolean(),
  idleTimeoutSeconds: z.number().optional(),
  releaseLabel: z.string().optional(),
  applications: z.array(z.string()),
  logUri: z.string().optional(),
  serviceRole: z.string().optional(),
  tags: z.array(tag),
  /** Only clusters of an earlier release have none. */
  instances: instanceCollections.default({}),
  visibleToAllUsers: z.boolean().default(true),
  /** Members of DescribeCluster that RunJobFlow has set and that have no effect here. */
  shown: z.record(z.string(), z.unknown()).default({}),
  createdAt: z.number(),
  readyAt: z.number().optional(),
  endedAt: z.number().optional(),
  /** When the last step ended; unset while a step is active. */
  idleSince: z.number().optional(),
  /** In the order they were added. */
  steps: z.array(stepRecord),
});
export type ClusterRecord = Readonly<
  Omit<z.infer<typeof clusterRecord>, 'steps' | 'tags'> & {
    steps: readonly StepRecord[];
    tags: readonly Tag[];
  }
>;

/** How a step ended. */
export type StepOutcome = { readonly ok: true } | ({ readonly ok: false } & Failure);

/** PENDING, RUNNING or CANCEL_PENDING: counts towards the limit of 256 (EMRMG/emr-view-steps). */
export const isActive = (step: StepRecord): boolean => step.state === 'PENDING' || isLive(step);

/** Processes of the step may still run. */
export const isLive = (step: StepRecord): boolean =>
  step.state === 'RUNNING' || step.state === 'CANCEL_PENDING';

export const isTerminated = (cluster: ClusterRecord): boolean =>
  cluster.state === 'TERMINATED' || cluster.state === 'TERMINATED_WITH_ERRORS';
