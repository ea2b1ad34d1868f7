/** The account and Region that a command works in, by cdk.context.json, `--context` and the environment. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Failure } from '@user-behaviour/shared/failure';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { keys } from '../context.ts';
import type { Shell } from './shell.ts';

/** The folder of cdk.json and cdk.context.json. */
export const appFolder = join(import.meta.dirname, '../..');

export type ContextValues = Readonly<Record<string, unknown>>;

/** @param given `key=value`, which win over the file. @throws a failure for a file or a value that cannot be read. */
export function contextValues(
  given: readonly string[],
  file = join(appFolder, 'cdk.context.json'),
): ContextValues {
  const typed = given.map((text) => {
    const [, key, value] = /^([A-Za-z]+)=(.*)$/s.exec(text) ?? [];
    if (key !== undefined && Object.hasOwn(keys, key)) return [key, value];
    throw new Failure(
      'usage',
      `--context=${text}: expected key=value, with one of the keys ${Object.keys(keys).join(', ')}`,
    );
  });
  return { ...fromFile(file), ...(Object.fromEntries(typed) as ContextValues) };
}

function fromFile(file: string): ContextValues {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ContextValues;
  } catch (error) {
    throw new Failure('configuration', `${file} is not JSON: ${String(error)}`, {
      action: 'correct the file',
    });
  }
}

/** @throws a configuration failure if neither names a Region */
export function regionOf(values: ContextValues, env: Shell['env']): string {
  const region = values['region'] ?? env['AWS_REGION'];
  if (typeof region === 'string' && /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return region;
  throw new Failure(
    'configuration',
    `the Region is ${region === undefined ? 'missing' : 'wrong'}: expected one such as us-east-1`,
    { action: 'set region in infra/aws/cdk.context.json, or AWS_REGION' },
  );
}

/**
 * The account of the credentials.
 * @throws a configuration failure if there are none, or if they are of another account than the context names
 */
export async function accountOf(values: ContextValues, region: string): Promise<string> {
  const sts = new STSClient({ region });
  const { Account: account = '' } = await attempt('ask AWS whose credentials these are', () =>
    sts.send(new GetCallerIdentityCommand()),
  );
  const { account: expected } = values;
  if (typeof expected !== 'string' || expected === account) return account;
  throw new Failure(
    'configuration',
    `the credentials are of account ${account}, and the context names account ${expected}`,
    { action: 'take the credentials of that account (AWS_PROFILE), or correct the context' },
  );
}
