/** Says what was mistyped on the operator's command line, and what was meant. */
import { parseArgs } from 'node:util';
import { Failure } from '@user-behaviour/shared/failure';
import type { Argv } from 'yargs';
import { nearestName } from './nearest-name.mjs';
import { missing, type OptionName, optionNames } from './option-names.ts';

/** Throws a usage failure for an option that was given twice: the parser would make a list of both. */
export function refuseRepeated(argv: readonly string[], name: OptionName): void {
  const options = typedOptions(argv);
  const repeated = options.find((option, index) => options.indexOf(option) !== index);
  if (repeated === undefined) return;
  throw new Failure('usage', `${name(repeated)} was given twice`);
}

/** Throws a usage failure for an option without a value, as make passes a variable that is not set. */
export function refuseBlank(
  given: Readonly<Record<string, unknown>>,
  command: string,
  environment: NodeJS.ProcessEnv,
): void {
  const blank = Object.entries(given).find(
    ([, value]) => typeof value === 'string' && value.trim() === '',
  );
  if (blank !== undefined) throw missing(blank[0], command, environment);
}

/**
 * What was wrong with a command line that the parser refused with this message. `cli` is the parser at that
 * moment: of the command, if there is one.
 */
export function usageFailure(
  message: string,
  argv: readonly string[],
  cli: Argv,
  environment: NodeJS.ProcessEnv,
): Failure {
  const [command = ''] = argv;
  if (command === '' || command.startsWith('-')) {
    return new Failure('usage', 'name a command, e.g. operator status');
  }
  const [, meant] = /^Did you mean ([\w-]+)\?$/.exec(message) ?? [];
  if (meant !== undefined) {
    const isNear = nearestName(command, [meant]) !== undefined;
    return new Failure(
      'usage',
      `unknown command ${command}${isNear ? `: did you mean ${meant}?` : ''}`,
    );
  }
  const [, argument] = /^Unknown (?:argument|command)s?: (\S+?)(?:,|$)/.exec(message) ?? [];
  if (argument === command) return new Failure('usage', `unknown command ${command}`);
  const known = optionsOf(cli);
  const strange = typedOptions(argv).find((option) => !known.includes(option));
  if (strange !== undefined) return unknownOption(strange, known);
  if (argument !== undefined) return new Failure('usage', `unexpected argument ${argument}`);
  const [, choice = '', given = '', choices = ''] =
    /Argument: (\S+), Given: (".*"), Choices: (.+)$/m.exec(message) ?? [];
  if (choice !== '') {
    const name = optionNames(environment)(choice);
    return new Failure('usage', `${name} must be one of ${choices}, not ${given}`);
  }
  const [, lacking] = /^Missing required arguments?: ([\w-]+)/.exec(message) ?? [];
  return lacking === undefined
    ? new Failure('usage', message.replaceAll(/\s+/g, ' '))
    : missing(lacking, command, environment);
}

/** The names of the options that the command takes; yargs has no typed way to tell. */
function optionsOf(cli: Argv): string[] {
  const { key } = (
    cli as Argv & { getOptions: () => { readonly key: Readonly<Record<string, unknown>> } }
  ).getOptions();
  return Object.keys(key).filter((name) => name.length > 1);
}

function unknownOption(typed: string, known: readonly string[]): Failure {
  const nearest = nearestName(typed, known);
  const hint =
    nearest === undefined
      ? `expected ${known.map((name) => `--${name}`).join(', ')}`
      : `did you mean --${nearest}?`;
  return new Failure('usage', `unknown option --${typed}: ${hint}`);
}

/** The names of the options, without dashes and values. */
const typedOptions = (argv: readonly string[]): string[] =>
  parseArgs({ args: [...argv], strict: false, tokens: true, options: { verbose } }).tokens.flatMap(
    (token) => (token.kind === 'option' ? [token.name] : []),
  );

const verbose = { type: 'boolean', short: 'v' } as const;
