/** How a person types an option: `--from`, or as a variable of make, `FROM`. */
import { Failure, failureKinds } from '@user-behaviour/shared/failure';

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns what the person typed, or would have typed, for an option. */
export type OptionName = (option: string) => string;

const variables: Readonly<Record<string, string>> = { 'depends-on-past': 'PAST', verbose: 'V' };

/** infra/Makefile sets `MAKE_TARGET`; only then is anything told by make's names. */
const targetOfMake = (environment: Environment): string | undefined => {
  const target = environment['MAKE_TARGET'];
  return target === '' ? undefined : target;
};

export function optionNames(environment: Environment): OptionName {
  if (targetOfMake(environment) === undefined) return (option) => `--${option}`;
  return (option) => variables[option] ?? option.toUpperCase().replaceAll('-', '_');
}

const day = '2010-12-01';
const examples: Readonly<Record<string, string>> = {
  ds: day,
  from: day,
  to: '2010-12-31',
  sql: '"…"',
  customer: '17850',
  wait: '30m',
  jobs: '4',
  due: '06:00',
};

/** Options of which a command needs all. */
const together = [['from', 'to']];

/** A usage failure with the command as it should have been typed. */
export function missing(option: string, command: string, environment: Environment): Failure {
  const name = optionNames(environment);
  const target = targetOfMake(environment);
  const start = target === undefined ? `operator ${command}` : `make ${target}`;
  const options = together.find((group) => group.includes(option)) ?? [option];
  const example = options.map((one) => `${name(one)}=${examples[one] ?? '…'}`).join(' ');
  return new Failure('usage', `${name(option)} is missing: ${start} ${example}`, { action: '' });
}

/** What a person at make's command line can do about a failure. */
export function adviceOn({ action, kind }: Failure, environment: Environment): string {
  if (kind === 'configuration' && (environment['PIPELINE_BUCKET'] ?? '') === '') {
    return `${action}\nFor a local cloud with all of them: make up, then make seed`;
  }
  if (targetOfMake(environment) === undefined || action !== failureKinds.usage.action) {
    return action;
  }
  return 'correct the command line; make help lists the variables';
}
