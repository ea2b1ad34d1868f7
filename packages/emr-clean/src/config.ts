/** The environment variables of emr-clean. */
import {
  baseVariables,
  type Configuration,
  duration,
  emrEndpoint,
  ruledVariable,
  rulesVariable,
  share,
  variable,
} from '@user-behaviour/shared/runner/config';
import * as z from 'zod';

const matching = (pattern: RegExp, expected: string) =>
  z.string().regex(pattern, `expected ${expected}`);

const count = z
  .string()
  .default('3')
  .refine((text) => /^[1-9]\d{0,2}$/.test(text), 'expected a whole number from 1 to 999')
  .transform(Number);

const ofTransient = 'of the transient cluster, if EMR_CLUSTER_ID is not set';

export const variables = {
  ...baseVariables,
  ...rulesVariable,
  ...emrEndpoint,
  EMR_CLUSTER_ID: variable(
    'cluster that runs the steps; without it, each run starts a transient cluster and terminates it',
    matching(/^j-[A-Z0-9]{1,40}$/, 'a cluster id such as j-2AXXXXXXGAPLF').optional(),
  ),
  EMR_SERVICE_ROLE: variable(`service role ${ofTransient}`, z.string().optional()),
  EMR_JOB_FLOW_ROLE: variable(`instance profile ${ofTransient}`, z.string().optional()),
  EMR_SUBNET_ID: variable(
    `subnet ${ofTransient}`,
    matching(/^subnet-[0-9a-z]+$/, 'a subnet id such as subnet-0a1b2c3d').optional(),
  ),
  EMR_RELEASE_LABEL: variable(
    `release ${ofTransient}`,
    matching(/^emr-/, 'a release such as emr-7.12.0').default('emr-7.12.0'),
  ),
  EMR_INSTANCE_TYPE: variable(`instance type ${ofTransient}`, z.string().default('m5.xlarge')),
  EMR_INSTANCE_COUNT: variable(`number of instances ${ofTransient}`, count),
  EMR_LOG_URI: variable(
    `s3:// folder for the logs ${ofTransient}`,
    matching(/^s3:\/\//, 'a URI such as s3://bucket/logs/').optional(),
  ),
  EMR_STEP_TIMEOUT: variable(
    'how long a step may take, from its submission to its end',
    duration('2h', { least: '1s', most: '3d' }),
  ),
  EMR_LEASE: variable(
    'how long a killed run blocks its days; a live run renews its leases in time',
    duration('60s', { least: '3s', most: '1h' }),
  ),
  MAX_REJECTED_REVIEWS: ruledVariable(
    'maxRejectedReviews',
    'share of a day’s reviews that may be rejected; a day with more fails',
    share('0.01'),
  ),
} as const;

export type CleanConfiguration = Configuration<typeof variables>;

const transientClusterNeeds = ['EMR_SERVICE_ROLE', 'EMR_JOB_FLOW_ROLE', 'EMR_SUBNET_ID'] as const;

export function validate(configuration: Partial<CleanConfiguration>): readonly string[] {
  if (configuration.EMR_CLUSTER_ID !== undefined) return [];
  const missing = transientClusterNeeds.filter((name) => configuration[name] === undefined);
  if (missing.length === transientClusterNeeds.length) {
    return [`EMR_CLUSTER_ID is missing (or, for a transient cluster, ${missing.join(', ')})`];
  }
  return missing.map((name) => `${name} is missing (a transient cluster needs it)`);
}
