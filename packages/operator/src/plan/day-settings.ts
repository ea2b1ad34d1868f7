/**
 * What the variables and the rules set for each day, as the jobs apply them. No job is started, so this is for
 * commands that start none; what they do not know are the Spark script and the load's SQL of the release.
 */
import { variables as ofCleaning } from '@user-behaviour/emr-clean/config';
import { variables as ofExtraction } from '@user-behaviour/extract-purchases/config';
import { variables as ofStaging } from '@user-behaviour/stage-reviews/config';
import type { Ds } from '@user-behaviour/shared/ds';
import type { Parameters } from '@user-behaviour/shared/manifest/staleness';
import { applyRules } from '@user-behaviour/shared/rules/apply-rules';
import { type RuledVariable, ruledVariables } from '@user-behaviour/shared/rules/day-configuration';
import type { Rules } from '@user-behaviour/shared/rules/rules';
import {
  baseVariables,
  type Environment,
  readConfiguration,
  rulesVariable,
  type Variables,
} from '@user-behaviour/shared/runner/config';

const declared: Variables = { ...ofExtraction, ...ofStaging, ...ofCleaning };

const ruled = ruledVariables(declared);

/** Whether a rule may set the parameter. */
export const isRuled = (parameter: string): boolean =>
  ruled.some((variable) => variable.parameter === parameter);

/** The variable behind each parameter that shapes the data; the Spark script and the load's SQL are those of the release. */
export const shapingVariables: readonly RuledVariable[] = [
  ...ruled,
  { name: 'MAX_LINE_SIZE', parameter: 'maxLineSize' },
];

const variables: Variables = {
  ...baseVariables,
  ...rulesVariable,
  ...Object.fromEntries(shapingVariables.map(({ name }) => [name, declared[name]])),
};

export interface DaySettings {
  readonly rules: Rules;
  /** Those that apply, as the manifests of the day record them. */
  readonly of: (ds: Ds) => Parameters;
  /** Also those without effect on the day. */
  readonly allOf: (ds: Ds) => Parameters;
}

/** @throws Failure of kind configuration if a variable or the rules are wrong; transient if S3 is in trouble. */
export async function readDaySettings(environment: Environment): Promise<DaySettings> {
  const configuration = readConfiguration(variables, environment);
  const { rules, configurationOf } = await applyRules({ variables }, configuration, environment);
  const allOf = (ds: Ds) => {
    const values = configurationOf(ds);
    return Object.fromEntries(
      shapingVariables.map(({ name, parameter }) => [parameter, values[name]]),
    ) as Parameters;
  };
  return { rules, of: (ds) => applying(allOf(ds)), allOf };
}

/** Without quarantine, extract-purchases records neither of the two. */
function applying({ badPurchases, maxRejectedPurchases, ...others }: Parameters): Parameters {
  return badPurchases === 'quarantine' && maxRejectedPurchases !== undefined
    ? { ...others, badPurchases, maxRejectedPurchases }
    : others;
}
