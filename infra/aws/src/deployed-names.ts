/** Names that the stacks give and the commands look for. */
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';

/** The stacks, in the order in which each uses those before it. */
export const stackNames = {
  storage: 'user-behaviour-storage',
  network: 'user-behaviour-network',
  cluster: 'user-behaviour-cluster',
  warehouse: 'user-behaviour-warehouse',
  source: 'user-behaviour-source',
  pipeline: 'user-behaviour-pipeline',
} as const;

/** Outputs of the stack of the daily run. */
export const outputs = {
  stateMachine: 'StateMachine',
  cluster: 'Cluster',
  subnets: 'Subnets',
  securityGroup: 'SecurityGroup',
  bucket: 'Bucket',
  /** Only where changes are captured. */
  capture: 'Capture',
} as const;

/** Of the repositories that the stack of storage makes. */
export const repositoryPrefix = 'user-behaviour/';

/** It is no part of the daily run. */
export const captureJob = 'capture-purchases';

/** What runs as a task. */
export type TaskName = JobName | typeof captureJob;

export const taskNames = (hasCapture: boolean): readonly TaskName[] =>
  hasCapture ? [...jobs, captureJob] : jobs;

export const familyOf = (job: TaskName): string => `user-behaviour-${job}`;

export const logGroupOf = (job: TaskName): string => `/user-behaviour/${job}`;

/** The first part of a log stream's name. */
export const logPrefix = 'task';
