/** Names that the stacks give and the commands look for. */
import type { JobName } from '@user-behaviour/shared/pipeline';

/** Outputs of the stack of the daily run. */
export const outputs = {
  stateMachine: 'StateMachine',
  cluster: 'Cluster',
  subnets: 'Subnets',
  securityGroup: 'SecurityGroup',
} as const;

export const familyOf = (job: JobName): string => `user-behaviour-${job}`;

export const logGroupOf = (job: JobName): string => `/user-behaviour/${job}`;

/** The first part of a log stream's name. */
export const logPrefix = 'task';
