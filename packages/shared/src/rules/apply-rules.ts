/** The runner reads the rules of a job once, for all days of the process, and applies them to its configuration. */
import type { Ds } from '../ds.ts';
import type {
  Configuration,
  ConfigurationOf,
  Environment,
  rulesVariable,
  Variables,
} from '../runner/config.ts';
import type { HealthCheck } from '../runner/health-checks.ts';
import type { Job } from '../runner/job.ts';
import type { AwsSettings } from '../s3/aws-client.ts';
import { configurationOf, overriddenRules, parseValues } from './day-configuration.ts';
import type { Rules } from './rules.ts';

export interface AppliedRules<V extends Variables> {
  /** As the file has them. */
  readonly rules: Rules;
  readonly configurationOf: ConfigurationOf<V>;
  /** A warning for each variable that wins over a rule of one of the days, or of any day. */
  readonly overridden: (days?: readonly Ds[]) => readonly string[];
}

const placeOf = (configuration: unknown): string | undefined =>
  (configuration as Partial<Configuration<typeof rulesVariable>>).RULES;

/** @throws Failure of kind configuration if the rules are missing or wrong; transient if S3 is in trouble. */
export async function applyRules<V extends Variables>(
  { variables }: Pick<Job<V>, 'variables'>,
  configuration: Configuration<V>,
  environment: Environment,
  signal?: AbortSignal,
): Promise<AppliedRules<V>> {
  const place = placeOf(configuration);
  const rules = place === undefined ? [] : await rulesAt(place, configuration, signal);
  const parsed = parseValues(variables, rules, place ?? '');
  return {
    rules,
    configurationOf: configurationOf(variables, configuration, environment, parsed),
    overridden: (days) =>
      overriddenRules(variables, configuration, environment, { rules: parsed, days }),
  };
}

/** A job that has RULES has the variables of every job. */
async function rulesAt(
  place: string,
  configuration: unknown,
  signal: AbortSignal | undefined,
): Promise<Rules> {
  const { readRules } = await import('./read-rules.ts');
  return readRules(place, configuration as AwsSettings, signal);
}

/** For --check; none where RULES is not set. */
export function rulesChecks<V extends Variables>(
  job: Pick<Job<V>, 'variables'>,
  configuration: Configuration<V>,
  environment: Environment,
): readonly HealthCheck[] {
  const place = placeOf(configuration);
  if (place === undefined) return [];
  const run = async () => {
    const { rules, overridden } = await applyRules(job, configuration, environment);
    const advice = overridden();
    return {
      found: `${String(rules.length)} rules in ${place}`,
      ...(advice.length > 0 && { advice: advice.join('; ') }),
    };
  };
  return [{ name: 'rules', run }];
}
