/** What emr-clean reads from its environment. */
import {
  baseVariables,
  type Configuration,
  emrEndpoint,
  variable,
} from '@user-behaviour/shared/runner/config';
import { parseDuration } from '@user-behaviour/shared/waiting';
import * as z from 'zod';

const name = (form: RegExp, expected: string) => z.string().regex(form, `expected ${expected}`);

/** A time such as 90s, in milliseconds. */
const duration = (fallback: string, least: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) => parseDuration(text) ?? -1)
    .refine(
      (milliseconds) => milliseconds >= (parseDuration(least) ?? 0),
      `expected a time such as 90s, 30m or 2h, at least ${least}`,
    );

const share = z
  .string()
  .default('0.01')
  .refine((text) => /^\d*\.?\d+$/.test(text) && Number(text) <= 1, 'expected a share from 0 to 1')
  .transform(Number);

const count = z
  .string()
  .default('3')
  .refine((text) => /^[1-9]\d{0,2}$/.test(text), 'expected a whole number from 1 to 999')
  .transform(Number);

const ownCluster = 'of a cluster of its own, when EMR_CLUSTER_ID is not given';

export const variables = {
  ...baseVariables,
  ...emrEndpoint,
  EMR_CLUSTER_ID: variable(
    'cluster that runs the steps; without it the run starts one of its own and ends it',
    name(/^j-[A-Z0-9]{1,40}$/, 'a cluster id such as j-2AXXXXXXGAPLF').optional(),
  ),
  EMR_SERVICE_ROLE: variable(`service role ${ownCluster}`, z.string().optional()),
  EMR_JOB_FLOW_ROLE: variable(`instance profile ${ownCluster}`, z.string().optional()),
  EMR_SUBNET_ID: variable(
    `subnet ${ownCluster}`,
    name(/^subnet-[0-9a-z]+$/, 'a subnet id such as subnet-0a1b2c3d').optional(),
  ),
  EMR_RELEASE_LABEL: variable(
    `release ${ownCluster}`,
    name(/^emr-/, 'a release such as emr-7.12.0').default('emr-7.12.0'),
  ),
  EMR_INSTANCE_TYPE: variable(
    `type of the instances ${ownCluster}`,
    z.string().default('m5.xlarge'),
  ),
  EMR_INSTANCE_COUNT: variable(`number of instances ${ownCluster}`, count),
  EMR_LOG_URI: variable(
    `s3:// folder for the logs ${ownCluster}`,
    name(/^s3:\/\//, 'an address such as s3://bucket/logs/').optional(),
  ),
  EMR_STEP_TIMEOUT: variable(
    'how long one step may take, from being added to its end',
    duration('2h', '1s'),
  ),
  EMR_LEASE: variable(
    'how long a killed run keeps others from its days; a live run renews in time',
    duration('60s', '3s'),
  ),
  MAX_REJECTED_REVIEWS: variable(
    'share of a day’s reviews that may be rejected before the day fails',
    share,
  ),
} as const;

export type CleanConfiguration = Configuration<typeof variables>;

const ownClusterNeeds = ['EMR_SERVICE_ROLE', 'EMR_JOB_FLOW_ROLE', 'EMR_SUBNET_ID'] as const;

export function check(configuration: Partial<CleanConfiguration>): readonly string[] {
  if (configuration.EMR_CLUSTER_ID !== undefined) return [];
  const missing = ownClusterNeeds.filter((needed) => configuration[needed] === undefined);
  if (missing.length === ownClusterNeeds.length) {
    return [`EMR_CLUSTER_ID is missing (or, for a cluster of its own, ${missing.join(', ')})`];
  }
  return missing.map((needed) => `${needed} is missing (a cluster of its own needs it)`);
}
