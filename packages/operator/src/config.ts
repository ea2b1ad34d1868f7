/** What the operator's commands read from their environment: the same names as the jobs. */
import {
  baseVariables,
  type Configuration,
  type Environment,
  historyStart,
  readConfiguration,
  redshiftDataEndpoint,
  variable,
} from '@user-behaviour/shared/runner/config';
import type { Ds } from '@user-behaviour/shared/ds';
import * as z from 'zod';

const variables = {
  ...baseVariables,
  ...redshiftDataEndpoint,
  REDSHIFT_WORKGROUP: variable('serverless workgroup', z.string().optional()),
  REDSHIFT_CLUSTER_ID: variable(
    'provisioned cluster, instead of a workgroup',
    z.string().optional(),
  ),
  REDSHIFT_SECRET_ARN: variable('secret that holds the database user', z.string().optional()),
  REDSHIFT_DATABASE: variable('database of the metric', z.string()),
} as const;

export type OperatorConfiguration = Configuration<typeof variables>;

export const operatorConfiguration = (environment: Environment): OperatorConfiguration =>
  readConfiguration(variables, environment);

/** The first day that there is anything for. */
export const startOfHistory = (environment: Environment): Ds =>
  readConfiguration(historyStart, environment).HISTORY_START;
