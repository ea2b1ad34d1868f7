/** Names that the stacks give and the commands look for. */
import type { JobName } from '@user-behaviour/shared/pipeline';

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
} as const;

/** Of the repositories that the stack of storage makes. */
export const repositoryPrefix = 'user-behaviour/';

export const familyOf = (job: JobName): string => `user-behaviour-${job}`;

export const logGroupOf = (job: JobName): string => `/user-behaviour/${job}`;

/** The first part of a log stream's name. */
export const logPrefix = 'task';
