/** Removes the pipeline and its data from the account, and tells what is left. */
import {
  paginateGetResources,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { projectTag } from '../parts.ts';
import { cost } from './cost.ts';
import {
  deleteTaskDefinitions,
  emptyBucket,
  endClusters,
  stopExecutions,
  stopTasks,
} from './removal.ts';
import { accountOf, type ContextValues, regionOf } from './settings.ts';
import { requireYes, type Shell } from './shell.ts';
import { deleteStack, ownStacks, resourcesOf } from './stacks.ts';

export interface DownOptions {
  readonly yes: boolean;
  /** Whether to ask Cost Explorer in the end, which costs a cent. */
  readonly tellCost: boolean;
}

/** A second run finds nothing to remove. @throws a failure that names what could not be removed */
export async function down(
  values: ContextValues,
  options: DownOptions,
  shell: Shell,
): Promise<void> {
  const region = regionOf(values, shell.env);
  const account = await accountOf(values, region);
  const stacks = await ownStacks(region);
  if (stacks.length === 0) {
    shell.print(`no stack of the pipeline is in account ${account}, ${region}`);
  } else {
    const names = stacks.map(({ StackName = '' }) => StackName);
    const kept = stacks.filter(({ EnableTerminationProtection }) => EnableTerminationProtection);
    if (kept.length > 0) {
      throw new Failure('configuration', 'termination protection is on for these stacks', {
        action: 'to remove them with their data, first run make aws-up CONTEXT=removable=true',
      });
    }
    const what = `aws-down removes ${names.join(', ')} from account ${account}, ${region}, with all data`;
    await requireYes(shell, options.yes, what);
    await stopExecutions(names, region, shell);
    await stopTasks(names, region, shell);
    await endClusters(region, shell);
    for (const stack of stacks) {
      const name = stack.StackName ?? '';
      for (const bucket of await resourcesOf(name, 'AWS::S3::Bucket', region)) {
        shell.report(`emptying ${bucket}`);
        await emptyBucket(bucket, region, shell);
      }
      shell.report(`deleting ${name}`);
      await deleteStack(stack, region, shell);
    }
  }
  const going = await deleteTaskDefinitions(region);
  const left = (await leftOver(region)).filter((arn) => !going.includes(arn));
  for (const arn of left) shell.print(`left: ${arn}`);
  shell.print(
    left.length === 0
      ? 'nothing with the tag project is left; the bootstrap of the CDK stays for other apps'
      : `${String(left.length)} resources are left; AWS may list some for a while after their end`,
  );
  if (options.tellCost) await tellCost(shell);
}

/** All is removed already, so that a failure is only told: an account may never have opened Cost Explorer. */
async function tellCost(shell: Shell): Promise<void> {
  try {
    await cost(30, shell);
  } catch (error) {
    shell.signal.throwIfAborted();
    shell.report(`the cost is not known: ${asFailure(error).message}`);
  }
}

/** ARNs of what has the project's tag. */
async function leftOver(region: string): Promise<readonly string[]> {
  const client = new ResourceGroupsTaggingAPIClient({ region });
  const [Key, value] = projectTag;
  return attempt('look for what is left', async () => {
    const arns: string[] = [];
    const query = { TagFilters: [{ Key, Values: [value] }] };
    for await (const page of paginateGetResources({ client }, query)) {
      for (const { ResourceARN } of page.ResourceTagMappingList ?? []) {
        if (ResourceARN !== undefined) arns.push(ResourceARN);
      }
    }
    return arns.toSorted();
  });
}
