/** Configuration from environment variables: declared as data, parsed once, with all errors reported together. */
import * as z from 'zod';
import { type Ds, isDs } from '../ds.ts';
import { Failure } from '../failure.ts';
import { isSet } from '../environment/is-set.ts';
import { describeRange, type DurationRange, durationWithin } from '../waiting.ts';

export interface Variable<T> {
  readonly describe: string;
  readonly schema: z.ZodType<T>;
  /** The parameter that it sets for every day; a rule sets it for some days (rules/rules.ts). */
  readonly parameter?: string;
}

export type Variables = Readonly<Record<string, Variable<unknown>>>;

export type Configuration<V extends Variables> = {
  readonly [Name in keyof V]: V[Name] extends Variable<infer T> ? T : never;
};

/** The configuration of each day: a rule may set a parameter for some of them. */
export type ConfigurationOf<V extends Variables> = (ds: Ds) => Configuration<V>;

/**
 * Checks rules that span several variables and returns one sentence per error. `wrong` names the
 * variables that did not parse.
 */
export type Validate<V extends Variables> = (
  configuration: Partial<Configuration<V>>,
  wrong: ReadonlySet<string>,
) => readonly string[];

export type Environment = Readonly<Record<string, string | undefined>>;

export const variable = <T>(describe: string, schema: z.ZodType<T>): Variable<T> => ({
  describe,
  schema,
});

/** A variable that sets a parameter, and wins over the rules of that parameter. */
export const ruledVariable = <T>(
  parameter: string,
  describe: string,
  schema: z.ZodType<T>,
): Variable<T> => ({ describe, schema, parameter });

/** The text that a schema takes for a missing variable; undefined where it has no default. */
function defaultOf(schema: z.ZodType): string | undefined {
  const { type, defaultValue, in: input } = schema.def as Definition;
  if (type === 'default') return String(defaultValue);
  return type === 'pipe' && input !== undefined ? defaultOf(input) : undefined;
}

/** The part of a schema's definition that leads to its default. zod's own classes would triple its share of the bundle. */
interface Definition {
  readonly type: string;
  readonly defaultValue?: unknown;
  readonly in?: z.ZodType;
}

/**
 * Parses every declared variable; an empty one counts as missing. `validate` need not report the
 * variables in `wrong` again. Messages never contain a value because it may be a secret.
 */
export function readConfiguration<V extends Variables>(
  variables: V,
  environment: Environment,
  validate: Validate<V> = () => [],
): Configuration<V> {
  const faults: string[] = [];
  const wrong = new Set<string>();
  const values: Record<string, unknown> = {};
  for (const [name, { describe, schema }] of Object.entries(variables)) {
    const text = isSet(environment, name) ? environment[name] : undefined;
    const result = schema.safeParse(text);
    if (result.success) {
      values[name] = result.data;
      continue;
    }
    wrong.add(name);
    if (text === undefined) faults.push(`${name} is missing (${describe})`);
    else faults.push(`${name} is wrong: ${result.error.issues.map((i) => i.message).join('; ')}`);
  }
  faults.push(...validate(values as Partial<Configuration<V>>, wrong));
  if (faults.length > 0) throw new Failure('configuration', faults.join('; '));
  return Object.freeze(values) as Configuration<V>;
}

/** S3's rules for bucket names, without dots because they break TLS host names. */
const bucketName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'expected a bucket name: 3 to 63 of a-z, 0-9 and -');

const url = z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' });

const optionalUrl = url.optional();
const awsEndpoint = (service: string) =>
  variable(`endpoint of ${service}; omit to use AWS`, optionalUrl);

/**
 * A time such as 90s, in milliseconds. Without an upper limit, a timer would overflow after 24 days, and a
 * typing error would hold a day or a connection for years.
 */
export const duration = (fallback: string, range: DurationRange): z.ZodType<number> =>
  z
    .string()
    .default(fallback)
    .refine((text) => durationWithin(text, range) !== undefined, `expected ${describeRange(range)}`)
    .transform((text) => durationWithin(text, range) ?? 0);

const sizeUnits = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** Parses `64KiB`, `512MiB` or `1GiB` to bytes; returns undefined for anything else. */
function parseSize(text: string): number | undefined {
  const match = /^(\d{1,6})([KMG]iB)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * sizeUnits[match[2] as 'KiB'];
}

/** A size such as 512MiB, in bytes. Both ends of the range are allowed. */
export function size(
  fallback: string,
  { least, most }: { readonly least: string; readonly most: string },
): z.ZodType<number> {
  const parse = (text: string): number => {
    const bytes = parseSize(text) ?? NaN;
    return bytes >= (parseSize(least) ?? NaN) && bytes <= (parseSize(most) ?? NaN) ? bytes : NaN;
  };
  return z
    .string()
    .default(fallback)
    .refine(
      (text) => !Number.isNaN(parse(text)),
      `expected a size such as ${fallback}, from ${least} to ${most}`,
    )
    .transform(parse);
}

/** A share of a whole, from 0 to 1. */
export const share = (fallback: string): z.ZodType<number> =>
  z
    .string()
    .default(fallback)
    .refine((text) => /^\d*\.?\d+$/.test(text) && Number(text) <= 1, 'expected a share from 0 to 1')
    .transform(Number);

/** The variables of every job. The AWS SDK handles credentials. */
export const baseVariables = {
  PIPELINE_BUCKET: variable('bucket that holds the stages', bucketName),
  AWS_REGION: variable(
    'region of all services',
    z.string().regex(/^[a-z0-9-]+$/, 'expected a region such as eu-west-1'),
  ),
  AWS_ENDPOINT_URL_S3: awsEndpoint('S3'),
  SOCKET_TIMEOUT: variable(
    'idle timeout for AWS requests before they are retried',
    duration('60s', { least: '1s', most: '15m' }),
  ),
} as const;

/** Of a file on disk or an object in S3: the form, and what was expected. */
export const placeForm = [
  /^(s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+|(?![A-Za-z0-9]+:\/\/).+)$/,
  'expected a path or s3://bucket/key',
] as const;

/** Of every job that has a `ruledVariable`. */
export const rulesVariable = {
  RULES: variable(
    'file with the settings that hold for some days only: a path or s3://bucket/key',
    z
      .string()
      .regex(...placeForm)
      .optional(),
  ),
} as const;

export const emrEndpoint = { AWS_ENDPOINT_URL_EMR: awsEndpoint('EMR') } as const;
/** Of the services that own what a cluster of EMR is started with. */
export const clusterPartsEndpoints = {
  AWS_ENDPOINT_URL_IAM: awsEndpoint('IAM'),
  AWS_ENDPOINT_URL_EC2: awsEndpoint('EC2'),
} as const;
export const redshiftDataEndpoint = {
  AWS_ENDPOINT_URL_REDSHIFT_DATA: awsEndpoint('the Redshift Data API'),
} as const;

/** Jobs neither wait for earlier days nor catch up on them. */
export const historyStart = {
  HISTORY_START: variable(
    'first day of history',
    z
      .string()
      .default('2010-12-01')
      .refine((text): text is Ds => isDs(text), 'expected a real day such as 2010-12-01'),
  ),
} as const;

const optionalText = z.string().optional();
const scheduled = (describe: string) => variable(describe, optionalText);

/** Variables of every job that can name the day instead of --ds; scheduled-day.ts has the rules. */
export const scheduleVariables = {
  KUBERNETES_JOB_NAME: scheduled(
    "without --ds: name of a CronJob's Job, which contains its scheduled time; the job processes the day before",
  ),
  SCHEDULE_OFFSET: scheduled(
    'with KUBERNETES_JOB_NAME: 1 (the default) processes the day before the scheduled time, 0 the day itself',
  ),
  BACKFILL_FROM: scheduled('without --ds, in an Indexed Job: day of index 0'),
  JOB_COMPLETION_INDEX: scheduled('number of days after BACKFILL_FROM; set by Kubernetes'),
} as const;

/** Describes the variables as a table for --help. */
export function describeVariables(variables: Variables): string {
  const names = Object.keys(variables);
  const width = Math.max(...names.map((name) => name.length));
  const lines = names.map((name) => {
    const { describe, schema } = variables[name] ?? variable('', z.any());
    const shown = defaultOf(schema);
    const optional = schema.safeParse(undefined).success;
    const suffix = shown === undefined ? (optional ? '' : ' [required]') : ` [default: ${shown}]`;
    return `  ${name.padEnd(width)}  ${describe}${suffix}`;
  });
  return ['Environment variables:', ...lines].join('\n');
}
