/**
 * Prints roles for Terraform and other tools, as JSON: by name, the policy, the trust, and policies of AWS that the
 * role has besides. Each name of an account is an option, e.g. `--bucket` or `--workgroup-arn`. On stderr: the grants
 * that are left out because a name is missing. Exit code 64: wrong options.
 */
import { exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { type NameKey, type Names, nameTexts, several } from './names.ts';
import { leftOut, managedPoliciesOf, policyOf, type RoleName, roles, trustOf } from './policy.ts';

const option = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const defaults = { partition: 'aws', project: 'user-behaviour', glueDatabase: 'user_behaviour' };
const keys = Object.keys(nameTexts) as NameKey[];

function usage(problem: string): never {
  const lines = keys.map((name) => `  --${option(name)}: ${nameTexts[name]}`);
  stderr.write(`policies: ${problem}. The options:\n${lines.join('\n')}\n`);
  exit(64);
}

/** An option with several values is repeated. */
function givenNames(): Names {
  const options = Object.fromEntries(
    keys.map((name) => [option(name), { type: 'string', multiple: true } as const]),
  );
  let values: Readonly<Record<string, readonly string[] | undefined>>;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  const isSeveral = (name: NameKey) => several.some((one) => one === name);
  const given = keys.flatMap((name) => {
    const texts = values[option(name)];
    if (texts === undefined) return [];
    if (!isSeveral(name) && texts.length > 1) usage(`--${option(name)} was given twice`);
    return [[name, isSeveral(name) ? texts : texts[0]] as const];
  });
  const names = { ...defaults, ...Object.fromEntries(given) } as Partial<Names>;
  for (const name of ['region', 'account', 'bucket'] as const) {
    if (names[name] === undefined) usage(`--${name} is missing`);
  }
  return names as Names;
}

const names = givenNames();
const printed = (Object.keys(roles) as RoleName[]).flatMap((role) => {
  const policy = policyOf(role, names);
  for (const { sid, missing } of leftOut(role, names)) {
    const needed = missing.map((name) => `--${option(name)}`).join(', ');
    stderr.write(`policies: ${role} is without ${sid}, which needs ${needed}\n`);
  }
  if (policy.Statement.length === 0) return [];
  const trust = trustOf(role, names);
  return [[role, { policy, trust, managedPolicies: managedPoliciesOf(role, names) }] as const];
});
stdout.write(`${JSON.stringify(Object.fromEntries(printed), null, 2)}\n`);
