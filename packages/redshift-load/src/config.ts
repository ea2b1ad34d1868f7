/** The environment variables of redshift-load. */
import {
  baseVariables,
  type Validate,
  type Configuration,
  duration,
  historyStart,
  redshiftDataEndpoint,
  variable,
} from '@user-behaviour/shared/runner/config';
import * as z from 'zod';

const name = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$/, 'expected a name of letters, digits, - and _');

/** The most partitions that one statement adds with the Glue catalog (Redshift guide, ALTER TABLE, external tables). */
export const mostDaysTogether = 100;

/** All statements of such a load have 69 KB. The Data API takes 100 KB; its documents do not say of what. */
export const mostSetDays = 64;

/** Which warehouse; the operator has the same variables. */
export const warehouseVariables = {
  ...redshiftDataEndpoint,
  REDSHIFT_WORKGROUP: variable('serverless workgroup', name.optional()),
  REDSHIFT_CLUSTER_ID: variable('provisioned cluster, instead of a workgroup', name.optional()),
  REDSHIFT_SECRET_ARN: variable(
    "secret with the database user's credentials; without it, the job's own role logs in",
    z
      .string()
      .regex(/^arn:[\w-]+:secretsmanager:/, 'expected an ARN of a secret')
      .optional(),
  ),
  REDSHIFT_DATABASE: variable('database of the metric', name),
} as const;

export const variables = {
  ...baseVariables,
  ...warehouseVariables,
  ...historyStart,
  SPECTRUM_ROLE_ARN: variable(
    'role that Redshift uses to read the bucket and the data catalog',
    z
      .string()
      .regex(
        /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/,
        'expected an ARN such as arn:aws:iam::123456789012:role/spectrum',
      ),
  ),
  LOAD_SET_DAYS: variable(
    `days that one transaction loads, up to ${String(mostSetDays)}`,
    z
      .string()
      .default('32')
      .refine(
        (text) => /^[1-9]\d?$/.test(text) && Number(text) <= mostSetDays,
        `expected a whole number from 1 to ${String(mostSetDays)}`,
      )
      .transform(Number),
  ),
  REDSHIFT_STATEMENT_TIMEOUT: variable(
    'longest time for one statement',
    // The Data API ends a statement after 24 hours (management guide, "Considerations").
    duration('2h', { least: '1s', most: '24h' }),
  ),
} as const;

export type LoadConfiguration = Configuration<typeof variables>;

export const validate: Validate<typeof variables> = (configuration, wrong) => {
  const { REDSHIFT_WORKGROUP: workgroup, REDSHIFT_CLUSTER_ID: cluster } = configuration;
  if (wrong.has('REDSHIFT_WORKGROUP') || wrong.has('REDSHIFT_CLUSTER_ID')) return [];
  if (workgroup === undefined && cluster === undefined) {
    return ['REDSHIFT_WORKGROUP is missing (or REDSHIFT_CLUSTER_ID)'];
  }
  return workgroup !== undefined && cluster !== undefined
    ? ['REDSHIFT_WORKGROUP and REDSHIFT_CLUSTER_ID exclude each other']
    : [];
};
