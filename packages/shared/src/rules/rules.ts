/** Settings with a date: a small file says which value of a parameter holds for which days. RULES names it. */
import * as z from 'zod';
import { type Ds, isDs } from '../ds.ts';
import { Failure } from '../failure.ts';
import { ruledParameters } from '../pipeline.ts';

/** The days from `from` to `until`, both included; without one of them, that side is open. */
export interface Rule {
  readonly parameter: string;
  readonly from?: Ds | undefined;
  readonly until?: Ds | undefined;
  readonly value: number | string;
}

/** Each day of a parameter is in at most one of its rules, and these are in ascending order. */
export type Rules = readonly Rule[];

export const rulesVersion = 1;

const action = 'correct the file; docs/operating.md describes it under "Rules"';

/** The failure of a file; `place` is the path or URI that RULES has. */
export const wrongRules = (place: string, faults: readonly string[]): Failure =>
  new Failure('configuration', `the rules ${place} (RULES) are wrong: ${faults.join('; ')}`, {
    action,
  });

export const entryName = (index: number): string => `entry ${String(index + 1)}`;

const names = ruledParameters.join(', ');
const keys = 'parameter, from, until and value';

const day = (key: string) =>
  z.custom<Ds>(
    (given) => typeof given === 'string' && isDs(given),
    `${key} is wrong: expected a real day such as "2019-06-30"`,
  );

/** Made only if there is a file to read: every start of a job loads this module. */
const schemas = () => {
  const rule = z
    .strictObject(
      {
        parameter: z.enum(
          ruledParameters,
          `parameter is wrong or missing: expected one of ${names}`,
        ),
        from: day('from').optional(),
        until: day('until').optional(),
        value: z.union([z.number(), z.string()], 'value is missing: expected a number or a text'),
      },
      `expected an object with ${keys}, and nothing else`,
    )
    .refine(({ from, until }) => from === undefined || until === undefined || from <= until, {
      error: 'until is before from: expected the same day or a later one',
    });
  return {
    file: z.object({ version: z.unknown() }),
    content: z.strictObject(
      {
        version: z.unknown(),
        rules: z.array(rule, 'rules is missing: expected a list of entries'),
      },
      'expected version and rules, and nothing else',
    ),
  };
};

/**
 * Reads the text of the file, strictly: what is not understood is refused.
 *
 * @throws Failure of kind configuration; it names the file and every wrong entry, and what was expected.
 */
export function parseRules(text: string, place: string): Rules {
  const given = parseJson(text, place);
  const { file, content } = schemas();
  const { data: { version } = { version: undefined } } = file.safeParse(given);
  if (version !== rulesVersion) {
    const found = typeof version === 'number' ? `version is ${String(version)}` : 'no version';
    throw wrongRules(place, [
      `${found}: expected {"version": ${String(rulesVersion)}, "rules": […]}`,
    ]);
  }
  const result = content.safeParse(given);
  if (!result.success) throw wrongRules(place, result.error.issues.map(describeIssue));
  const { rules } = result.data;
  const faults = faultsOfOrder(rules);
  if (faults.length > 0) throw wrongRules(place, faults);
  return rules;
}

function parseJson(text: string, place: string): unknown {
  // The reviver also sees the whole, which is no key.
  let kept = -1;
  let value: unknown;
  try {
    value = JSON.parse(text, function (this: unknown, _key, part: unknown) {
      if (!Array.isArray(this)) kept += 1;
      return part;
    });
  } catch (error) {
    // The parser's own message may quote the text.
    const where = /line \d+ column \d+/.exec(String(error))?.[0];
    const expected = 'expected JSON, without comments and without a comma after the last entry';
    throw wrongRules(place, [where === undefined ? expected : `${expected}; see ${where}`]);
  }
  // JSON.parse takes the last of two equal keys.
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon);
  if (written.length === kept) return value;
  throw wrongRules(place, ['a key occurs twice in one object: expected it once']);
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  const [, index] = path;
  return typeof index === 'number' ? `${entryName(index)}: ${message}` : message;
}

/** Compares each entry with the entry of the same parameter before it. */
function faultsOfOrder(rules: Rules): string[] {
  const last = new Map<string, number>();
  return rules.flatMap((rule, index) => {
    const before = last.get(rule.parameter);
    last.set(rule.parameter, index);
    const previous = before === undefined ? undefined : rules[before];
    if (before === undefined || previous === undefined || isAfter(rule, previous)) return [];
    const fault = isAfter(previous, rule)
      ? 'is for earlier days than'
      : `holds for days of ${rule.parameter} that are also those of`;
    return [
      `${entryName(index)} ${fault} ${entryName(before)}: expected each day of ${rule.parameter} at most once, in ascending order`,
    ];
  });
}

const isAfter = (later: Rule, earlier: Rule): boolean =>
  later.from !== undefined && earlier.until !== undefined && later.from > earlier.until;

/** The rule of the parameter that holds for the day. */
export const ruleOf = <R extends Omit<Rule, 'value'>>(
  rules: readonly R[],
  parameter: string,
  ds: Ds,
): R | undefined =>
  rules.find(
    (rule) =>
      rule.parameter === parameter &&
      (rule.from === undefined || rule.from <= ds) &&
      (rule.until === undefined || ds <= rule.until),
  );
