/** What is deployed, and where: the keys of `cdk.context.json` and of `--context=key=value`. */
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';
import { taskNames } from './deployed-names.ts';
import { clusterPart, networkPart, storagePart, warehousePart } from './parts.ts';

interface Key<T> {
  readonly schema: z.ZodType<T>;
  readonly expected: string;
  readonly example: string;
}

const key = <T>(schema: z.ZodType<T>, expected: string, example: string): Key<T> => ({
  schema,
  expected,
  example,
});

/** `--context` gives every value as text. */
const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
  .default(false);

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** What an account has already, instead of the stack that makes it. */
const given = <T>(part: z.ZodType<T>, stack: string, example: string) =>
  key(
    z.preprocess(parsed, part.optional()),
    `what stack user-behaviour-${stack} would make, all of it`,
    example,
  );

const list = z.preprocess(
  (value) =>
    typeof value === 'string' && !value.startsWith('[') ? value.split(',') : parsed(value),
  z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/))
    .length(3)
    .optional(),
);

const secretArn = 'arn:[\\w-]+:secretsmanager:[\\w-]+:\\d{12}:secret:[\\w/+=.@-]+';

export const keys = {
  account: key(z.string().regex(/^\d{12}$/), 'the 12 digits of an AWS account', '123456789012'),
  region: key(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/), 'a Region', 'us-east-1'),
  email: key(z.email(), 'the address that gets the alarms', 'data-team@example.com'),
  slack: key(
    z
      .string()
      .regex(/^T[A-Z0-9]+\/[CG][A-Z0-9]+$/)
      .optional(),
    "a Slack workspace's id and a channel's id, for the alarms",
    'T0123ABCD/C0123ABCD',
  ),
  tag: key(
    z.string().regex(/^\w[\w.-]{0,127}$/),
    'the tag of the images that the tasks run',
    '5a14461',
  ),
  source: key(
    z
      .string()
      .regex(new RegExp(`^(demo|${secretArn})$`))
      .default('demo'),
    'demo, or the ARN of a secret with host, port, dbname, username and password',
    'arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-AbCdEf',
  ),
  sourceCaUrl: key(
    z
      .string()
      .regex(/^https:\/\/\S+\.pem$/)
      .optional(),
    "the address of the PEM file that the source's certificate is verified with",
    'https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem',
  ),
  reviews: key(
    z
      .string()
      .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+$/)
      .optional(),
    "the vendor's file in S3; {ds} is replaced by the day",
    's3://vendor/reviews/{ds}.csv',
  ),
  historyStart: key(z.iso.date().default('2010-12-01'), 'the first day of history', '2010-12-01'),
  zones: key(list, 'three Availability Zones of the Region', 'us-east-1a,us-east-1b,us-east-1c'),
  expires: key(
    z
      .string()
      .regex(/^([1-9]\d?d|\d{4}-\d{2}-\d{2})$/)
      .optional(),
    'when the daily schedule ends: after this many days, or on a date',
    '3d',
  ),
  hourly: key(flag, 'true if today is run each hour, besides the daily run, else false', 'true'),
  capture: key(
    z
      .string()
      .regex(new RegExp(`^${secretArn}$`))
      .optional(),
    'the ARN of a secret as of source, with the role that may replicate: changes are captured',
    'arn:aws:secretsmanager:us-east-1:123456789012:secret:capture-AbCdEf',
  ),
  removable: key(flag, 'true if a destroy may remove data, else false', 'true'),
  emptyBuckets: key(
    flag.unwrap().optional(),
    'true if a destroy empties buckets, else false; as removable, unless it is set',
    'false',
  ),
  lakeFormation: key(flag, 'true if Lake Formation governs the data catalog, else false', 'true'),
  emrServiceLinkedRole: key(
    flag,
    'true if the account has never had an EMR cluster, else false',
    'true',
  ),
  kmsKeyArn: key(
    z
      .string()
      .regex(/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/)
      .optional(),
    'the ARN of the key that encrypts the bucket; S3 encrypts with its own, unless it is set',
    'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  ),
  variables: key(
    z.preprocess(
      parsed,
      z
        .partialRecord(
          z.enum(taskNames(true)),
          z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()),
        )
        .default({}),
    ),
    'variables of jobs, as text, by the name of the job',
    '{"emr-clean": {"EMR_INSTANCE_TYPE": "m7g.2xlarge"}}',
  ),
  storage: given(storagePart, 'storage', '{"bucketName": "data", …}'),
  network: given(networkPart, 'network', '{"vpcId": "vpc-0a1b2c3d", …}'),
  cluster: given(clusterPart, 'cluster', '{"serviceRoleName": "emr-service", …}'),
  warehouse: given(warehousePart, 'warehouse', '{"workgroupName": "analytics", …}'),
} as const;

type Values = { readonly [K in keyof typeof keys]: z.infer<(typeof keys)[K]['schema']> };

export interface Context extends Omit<Values, 'emptyBuckets' | 'zones'> {
  readonly emptyBuckets: boolean;
  /** Not with the demo source, whose days are in the past, and not once the schedule has ended. */
  readonly isScheduled: boolean;
  readonly zones: readonly string[];
}

/** CDK's own entries: feature flags, look-ups, and what its command-line tool adds. */
const isForeign = (name: string) => /[@:]/.test(name) || name === 'cli-telemetry';

/**
 * Checks every key and reports all faults at once.
 * @param today 2026-11-29; a number of days in `expires` counts from it, so that a deployment twice a day changes nothing
 * @throws a configuration failure that names each key, what was expected, and an example
 */
export function readContext(values: Readonly<Record<string, unknown>>, today: string): Context {
  const faults = Object.keys(values)
    .filter((name) => !isForeign(name) && !Object.hasOwn(keys, name))
    .map((name) => `${name} is unknown: expected one of ${Object.keys(keys).join(', ')}`);
  const read: Record<string, unknown> = {};
  for (const [name, { schema, expected, example }] of Object.entries<Key<unknown>>(keys)) {
    const result = schema.safeParse(values[name]);
    if (result.success) {
      read[name] = result.data;
      continue;
    }
    const places = [...new Set(result.error.issues.map(({ path }) => [name, ...path].join('.')))];
    const fault = values[name] === undefined ? 'missing' : 'wrong';
    const verb = places.length === 1 ? 'is' : 'are';
    faults.push(`${places.join(', ')} ${verb} ${fault}: expected ${expected}, e.g. ${example}`);
  }
  const context = read as unknown as Values;
  if (context.source !== 'demo' && context.reviews === undefined) {
    faults.push(
      `reviews is missing: source is not demo, so expected ${keys.reviews.expected}, e.g. ${keys.reviews.example}`,
    );
  }
  if (context.source === 'demo' && context.capture !== undefined) {
    faults.push(
      `capture is for a source of your own: expected source to be ${keys.source.expected.replace('demo, or ', '')}`,
    );
  }
  const expires = expiryDate(context.expires, today);
  if (faults.length > 0) {
    throw new Failure('configuration', `context: ${faults.join('; ')}`, {
      action:
        'correct infra/aws/cdk.context.json, or pass --context=key=value (make: CONTEXT=key=value)',
    });
  }
  return {
    ...context,
    zones: context.zones ?? ['a', 'b', 'c'].map((letter) => `${context.region}${letter}`),
    emptyBuckets: context.emptyBuckets ?? context.removable,
    expires,
    isScheduled: context.source === 'demo' ? false : expires === undefined || expires > today,
  };
}

/** The first day without a scheduled run. */
function expiryDate(expires: string | undefined, today: string): string | undefined {
  const days = /^(\d+)d$/.exec(expires ?? '')?.[1];
  if (days === undefined) return expires;
  return new Date(Date.parse(today) + Number(days) * 86_400_000).toISOString().slice(0, 10);
}
