/** Which settings of a run come from the shell alone, so that the next catchup would undo what they made. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Ds } from '@user-behaviour/shared/ds';
import type { RuledVariable } from '@user-behaviour/shared/rules/day-configuration';
import { rulesVersion } from '@user-behaviour/shared/rules/rules';
import { isSet } from '@user-behaviour/shared/environment/is-set';
import type { Environment } from '@user-behaviour/shared/runner/config';
import {
  type DaySettings,
  isRuled,
  readDaySettings,
  shapingVariables,
} from '../plan/day-settings.ts';
import { addRule } from './add-rule.ts';

/** What the shell has, and what later commands will have. */
interface Settings {
  readonly days: readonly Ds[];
  readonly now: DaySettings;
  readonly later: DaySettings;
  readonly environment: Environment;
  readonly kept: Environment;
  /** The place of the environment of later commands. */
  readonly where: string;
}

/**
 * A line for each variable of the shell because of which the next catchup would make one of the days again, and
 * one of how rules keep their values. The environment file is that of infra/env-file.mjs; `root` is where .env.local is. `days` are in ascending order.
 *
 * @throws Failure of kind configuration if a variable or the rules are wrong.
 */
export async function tellShellSettings(
  environment: Environment,
  days: readonly Ds[],
  root = '.',
): Promise<readonly string[]> {
  const { ENV_FILE: named, INVOKED_FROM: folder = '.' } = environment;
  const path = named === undefined ? join(root, '.env.local') : resolve(folder, named);
  const kept = named !== '' && existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
  const where = named === '' ? 'the environment of all later commands' : (named ?? '.env.local');
  const names = ['RULES', ...shapingVariables.map(({ name }) => name)];
  const lasting = {
    ...environment,
    ...Object.fromEntries(names.map((name) => [name, kept[name]])),
  };
  const now = await readDaySettings(environment);
  // The next command will say what is wrong with them.
  const later = await readDaySettings(lasting).catch(() => undefined);
  if (later === undefined) return [];
  const settings = { days, now, later, environment, kept, where };
  const told = shapingVariables.flatMap((variable) => tellVariable(variable, settings));
  const ruled = told.flatMap(({ variable }) => variable ?? []);
  return [...new Set(told.map(({ line }) => line)), ...adviceOf(ruled, settings)];
}

interface Told {
  readonly line: string;
  /** If a rule can keep its value for the days alone. */
  readonly variable?: RuledVariable;
}

function tellVariable(variable: RuledVariable, settings: Settings): readonly Told[] {
  const { name, parameter } = variable;
  const { days, now, later, environment, kept, where } = settings;
  // What has no effect makes no day again; what another variable turns off is not the cause.
  const changed = days.filter(
    (ds) =>
      now.of(ds)[parameter] !== later.of(ds)[parameter] &&
      now.allOf(ds)[parameter] !== later.allOf(ds)[parameter],
  );
  if (changed.length === 0) return [];
  const values = [...new Set(changed.map((ds) => String(later.allOf(ds)[parameter])))];
  const isOwn = (environment[name] ?? '') !== (kept[name] ?? '');
  const cause = isOwn ? name : 'RULES';
  const what = isOwn ? values.join(' or ') : 'the settings of then';
  const told = `${cause}=${environment[cause] ?? ''} is set in the shell only: the next catchup without it makes these days again with ${what}. To keep it`;
  // A variable of the file wins over its rules.
  if (!isOwn || !isRuled(parameter) || isSet(kept, name)) {
    return [{ line: `${told}, set it in ${where}` }];
  }
  return [{ line: `${told} for all days, set it in ${where}`, variable }];
}

/** One line of how rules keep the values of all these variables for the days: there is one file of rules. */
function adviceOf(variables: readonly RuledVariable[], settings: Settings): readonly string[] {
  if (variables.length === 0) return [];
  const { kept, where } = settings;
  const what = `To keep ${variables.map(({ name }) => name).join(', ')} for these days alone`;
  const entries = variables.map((variable) => entriesOf(variable, settings));
  if (!isSet(kept, 'RULES')) {
    const file = `{"version":${String(rulesVersion)},"rules":[${entries.flat().join(',')}]}`;
    return [`${what}, write ${file} to a file that RULES in ${where} names`];
  }
  const place = kept['RULES'] ?? '';
  const changes = variables.map(({ parameter }, index) => {
    const own = entries[index] ?? [];
    return own.length === 1
      ? `add to the rules in ${place}: ${own.join('')}`
      : `let the entries of ${parameter} in ${place} be ${own.join(', ')}`;
  });
  return [`${what}, ${changes.join('; ')}`];
}

/** The rules of the parameter that keep its value for the days. */
function entriesOf(
  { name, parameter }: RuledVariable,
  { days, later, environment }: Settings,
): readonly string[] {
  const [from, until] = [days[0], days.at(-1)];
  if (from === undefined || until === undefined) return [];
  const text = environment[name] ?? '';
  const value = String(Number(text)) === text ? Number(text) : text;
  return addRule(later.rules, { parameter, from, until, value }).map(
    ({ parameter, from, until, value }) => JSON.stringify({ parameter, from, until, value }),
  );
}
