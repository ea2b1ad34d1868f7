/** From nothing, or from an older release, to a pipeline that runs each day. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readContext } from '../context.ts';
import { cdk } from './cdk.ts';
import { doctor } from './doctor.ts';
import { commitOf, push } from './images.ts';
import { accountOf, appFolder, type ContextValues, regionOf } from './settings.ts';
import { requireYes, type Shell } from './shell.ts';
import {
  hasRepositories,
  isBootstrapped,
  ownStacks,
  removeFailedStacks,
  storageStack,
} from './stacks.ts';

/** List prices of us-east-1; docs/deploying-aws.md has the parts. */
const monthlyCost = '10 to 15 US dollars a month for a small day each day, about 2 at rest';

export interface UpOptions {
  readonly yes: boolean;
  /** Whether the jobs check what they need once all is deployed. */
  readonly check: boolean;
  readonly folder?: string;
  /** Changes the templates before they are deployed; an emulator does not know all types. */
  readonly afterSynth?: (assembly: string) => Promise<unknown>;
}

/** A second run deploys what has changed: nothing, or an image. @throws a failure that says which step failed */
export async function up(values: ContextValues, options: UpOptions, shell: Shell): Promise<void> {
  const region = regionOf(values, shell.env);
  const account = await accountOf(values, region);
  const given = { ...values, region, account };
  const full = { ...given, tag: 'tag' in given ? given.tag : commitOf(shell) };
  const read = readContext(full, new Date().toISOString().slice(0, 10));
  const { tag, source } = read;
  const stacks = await ownStacks(region);
  const deployed = stacks.length;
  const what =
    deployed === 0
      ? `makes the pipeline in account ${account}, ${region}: about ${monthlyCost}`
      : `updates the ${String(deployed)} stacks in account ${account}, ${region}, to ${tag}`;
  await requireYes(shell, options.yes, `aws-up ${what}`);

  const assembly = options.folder ?? join(appFolder, '../../.local/aws/cdk.out');
  mkdirSync(assembly, { recursive: true });
  if (!(await isBootstrapped(region))) {
    shell.report('the account has no bootstrap of the CDK in this Region yet');
    // Elsewhere: in the app's folder it would synthesize.
    await cdk(['bootstrap', `aws://${account}/${region}`], assembly, shell);
  }
  const context = Object.entries(full).map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `--context=${key}=${text}`;
  });
  await cdk(['synth', '--quiet', `--output=${assembly}`, ...context], appFolder, shell);
  await options.afterSynth?.(assembly);
  await removeFailedStacks(region, shell);
  const deploy = ['deploy', `--app=${assembly}`, '--require-approval=never', '--method=direct'];
  // Images are pushed to the repositories before anything runs them.
  if (!(await hasRepositories(values, region)))
    await cdk([...deploy, storageStack], assembly, shell);
  await push(read, shell);
  await cdk([...deploy, '--all', '--concurrency=4'], assembly, shell);
  if (options.check) await doctor(region, shell);
  const next = source === 'demo' ? 'run a day: make aws-day DS=2010-12-01' : 'it runs daily';
  shell.print(`the pipeline of ${tag} is in account ${account}, ${region}; ${next}`);
}
