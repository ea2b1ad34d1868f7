/** The environment variables of emr-clean. */
import {
  baseVariables,
  type Configuration,
  duration,
  clusterPartsEndpoints,
  emrEndpoint,
  ruledVariable,
  rulesVariable,
  share,
  variable,
} from '@user-behaviour/shared/runner/config';
import * as z from 'zod';

const matching = (pattern: RegExp, expected: string) =>
  z.string().regex(pattern, `expected ${expected}`);

const count = (fallback: string, least: number) =>
  z
    .string()
    .default(fallback)
    .refine(
      (text) => /^\d{1,3}$/.test(text) && Number(text) >= least,
      `expected a whole number from ${String(least)} to 999`,
    )
    .transform(Number);

/** An id that EC2 has given, such as `subnet-0a1b2c3d`. */
const ec2Id = (kind: string) =>
  matching(new RegExp(`^${kind}-[0-9a-z]+$`), `an id such as ${kind}-0a1b2c3d`).optional();

const subnets = matching(
  /^subnet-[0-9a-z]+(,subnet-[0-9a-z]+)*$/,
  'subnet ids such as subnet-0a1b2c3d,subnet-4e5f6a7b',
)
  .transform((text): readonly string[] => text.split(','))
  .optional();

/** A name (up to 128 characters) and a value (up to 256) as EC2 takes them; the prefix aws: is reserved. */
const tagForm =
  /^(?!aws:)([\p{L}\p{N}\p{Zs}+.:/@_-]{1,128})=([\p{L}\p{N}\p{Zs}+.:/@_=-]{0,256})$/iu;

/** Parses `team=data,stage=production`; returns undefined for anything else, and if a name comes twice. */
function parseTags(text: string): Readonly<Record<string, string>> | undefined {
  const parts = text.split(',').map((part) => tagForm.exec(part.trim()));
  const tags: Record<string, string> = {};
  for (const part of parts) {
    const [, name = '', value = ''] = part ?? [];
    if (name === '' || Object.hasOwn(tags, name)) return undefined;
    tags[name] = value;
  }
  return tags;
}

const tags = z
  .string()
  .refine(
    (text) => parseTags(text) !== undefined,
    'expected tags such as team=data,stage=production: each name once and not starting with aws:, of letters, digits, spaces and + - . _ : / @',
  )
  .transform((text) => parseTags(text) ?? {})
  .optional();

const ofTransient = 'of the transient cluster';

export const variables = {
  ...baseVariables,
  ...rulesVariable,
  ...emrEndpoint,
  ...clusterPartsEndpoints,
  EMR_CLUSTER_ID: variable(
    'cluster that runs the steps; without it, each run starts a transient cluster and terminates it',
    matching(/^j-[A-Z0-9]{1,40}$/, 'a cluster id such as j-2AXXXXXXGAPLF').optional(),
  ),
  EMR_SERVICE_ROLE: variable(`service role ${ofTransient}`, z.string().optional()),
  EMR_JOB_FLOW_ROLE: variable(`instance profile ${ofTransient}`, z.string().optional()),
  EMR_SUBNET_ID: variable(
    `subnet ${ofTransient}; several, with a comma between them, let EMR choose one with capacity`,
    subnets,
  ),
  EMR_RELEASE_LABEL: variable(
    `release ${ofTransient}`,
    matching(/^emr-/, 'a release such as emr-7.14.0').default('emr-7.14.0'),
  ),
  EMR_INSTANCE_TYPE: variable(`instance type ${ofTransient}`, z.string().default('m7g.xlarge')),
  EMR_INSTANCE_COUNT: variable(
    `number of on-demand instances ${ofTransient}: the primary node and core nodes`,
    count('2', 1),
  ),
  EMR_TASK_SPOT_COUNT: variable(
    `number of spot instances ${ofTransient}: task nodes`,
    count('0', 0),
  ),
  EMR_PRIMARY_SECURITY_GROUP: variable(
    `security group of the primary node ${ofTransient}; without it, EMR makes its own groups`,
    ec2Id('sg'),
  ),
  EMR_CORE_SECURITY_GROUP: variable(
    `security group of the core and task nodes ${ofTransient}`,
    ec2Id('sg'),
  ),
  EMR_SERVICE_SECURITY_GROUP: variable(
    `security group ${ofTransient} for EMR itself; needed with the other groups in a private subnet`,
    ec2Id('sg'),
  ),
  EMR_SECURITY_CONFIGURATION: variable(
    `name of the security configuration ${ofTransient}`,
    z.string().optional(),
  ),
  EMR_TAGS: variable(
    `further tags ${ofTransient}, such as team=data,stage=production; they win over its own: project, job and EMR's`,
    tags,
  ),
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

export function validate(
  configuration: Partial<CleanConfiguration>,
  wrong: ReadonlySet<string>,
): readonly string[] {
  const isGiven = (name: keyof CleanConfiguration) =>
    configuration[name] !== undefined || wrong.has(name);
  if (isGiven('EMR_CLUSTER_ID')) return [];
  const missing = transientClusterNeeds.filter((name) => !isGiven(name));
  if (missing.length === transientClusterNeeds.length) {
    return [`EMR_CLUSTER_ID is missing (or, for a transient cluster, ${missing.join(', ')})`];
  }
  const faults = missing.map((name) => `${name} is missing (a transient cluster needs it)`);
  const groups = (['EMR_PRIMARY_SECURITY_GROUP', 'EMR_CORE_SECURITY_GROUP'] as const).filter(
    (name) => !isGiven(name),
  );
  if (groups.length === 1) {
    faults.push(`${groups.join('')} is missing (EMR takes own security groups for all nodes only)`);
  }
  if (isGiven('EMR_SERVICE_SECURITY_GROUP') && groups.length === 2) {
    faults.push(`${groups.join(' and ')} are missing (EMR_SERVICE_SECURITY_GROUP needs them)`);
  }
  const { EMR_TASK_SPOT_COUNT: tasks = 0, EMR_INSTANCE_COUNT: count = 2 } = configuration;
  if (tasks > 0 && count < 2) {
    faults.push('EMR_INSTANCE_COUNT must be at least 2 (task nodes need a core node)');
  }
  return faults;
}
