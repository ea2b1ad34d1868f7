/** Configuration from environment variables: declared as data, parsed once, with all errors reported together. */
import * as z from 'zod';
import { type Ds, isDs } from '../ds.ts';
import { Failure } from '../failure.ts';
import { describeRange, type DurationRange, durationWithin } from '../waiting.ts';

export interface Variable<T> {
  readonly describe: string;
  readonly schema: z.ZodType<T>;
}

export type Variables = Readonly<Record<string, Variable<unknown>>>;

export type Configuration<V extends Variables> = {
  readonly [Name in keyof V]: V[Name] extends Variable<infer T> ? T : never;
};

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
    const text = environment[name];
    const result = schema.safeParse(text === '' ? undefined : text);
    if (result.success) {
      values[name] = result.data;
      continue;
    }
    wrong.add(name);
    if (text === undefined || text === '') faults.push(`${name} is missing (${describe})`);
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

const awsEndpoint = (service: string) =>
  variable(`endpoint of ${service}; omit to use AWS`, url.optional());

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

export const emrEndpoint = { AWS_ENDPOINT_URL_EMR: awsEndpoint('EMR') } as const;
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

const scheduled = (describe: string) => variable(describe, z.string().optional());

/** Variables of every job that can name the day instead of --ds; scheduled-day.ts has the rules. */
export const scheduleVariables = {
  KUBERNETES_JOB_NAME: scheduled(
    "without --ds: name of a CronJob's Job, which contains its scheduled time; the job processes the day before",
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
