/** Removes the pipeline and its data from the account, and tells what is left. */
import {
  EMRClient,
  paginateListClusters,
  DescribeClusterCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import {
  paginateGetResources,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { DeleteObjectsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { paginateListExecutions, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { Failure } from '@user-behaviour/shared/failure';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectTag } from '../parts.ts';
import { cost } from './cost.ts';
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
      throw new Failure('configuration', `the stacks are protected, with their data`, {
        action: 'to remove both, run make aws-up with the context removable=true before',
      });
    }
    const what = `aws-down removes ${names.join(', ')} from account ${account}, ${region}, with all data`;
    await requireYes(shell, options.yes, what);
    await stopExecutions(names, region, shell);
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
  const left = await leftOver(region);
  for (const arn of left) shell.print(`left: ${arn}`);
  shell.print(
    left.length === 0
      ? 'nothing with the tag project is left; the bootstrap of the CDK stays for other apps'
      : `${String(left.length)} resources are left; AWS may list some for a while after their end`,
  );
  if (options.tellCost) await cost(30, shell);
}

/** Else tasks would go on in a cluster that cannot be deleted while they do. */
async function stopExecutions(
  stacks: readonly string[],
  region: string,
  shell: Shell,
): Promise<void> {
  const client = new SFNClient({ region });
  for (const stack of stacks) {
    for (const stateMachineArn of await resourcesOf(
      stack,
      'AWS::StepFunctions::StateMachine',
      region,
    )) {
      await attempt('stop the days that run', async () => {
        const running = { stateMachineArn, statusFilter: 'RUNNING' as const };
        for await (const { executions = [] } of paginateListExecutions({ client }, running)) {
          for (const { executionArn } of executions) {
            shell.report(`stopping ${executionArn ?? ''}`);
            await client.send(new StopExecutionCommand({ executionArn }));
          }
        }
      });
    }
  }
}

/** Clusters of EMR with the project's tag; resolves when they have ended, since their groups are in use until then. */
async function endClusters(region: string, shell: Shell): Promise<void> {
  const client = new EMRClient({ region });
  for (;;) {
    shell.signal.throwIfAborted();
    const own = await attempt('look for clusters', () => ownClusters(client));
    if (own.length === 0) return;
    const ending = own.filter(({ state }) => state !== 'TERMINATING').map(({ id }) => id);
    if (ending.length > 0) {
      shell.report(`ending clusters ${ending.join(', ')}`);
      await attempt('end clusters', () =>
        client.send(new TerminateJobFlowsCommand({ JobFlowIds: ending })),
      );
    }
    await sleep(shell.pause);
  }
}

async function ownClusters(client: EMRClient) {
  const [key, value] = projectTag;
  const own: { readonly id: string; readonly state: string }[] = [];
  const alive = {
    ClusterStates: ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING'] as const,
  };
  for await (const { Clusters = [] } of paginateListClusters(
    { client },
    { ClusterStates: [...alive.ClusterStates] },
  )) {
    for (const { Id: id = '', Status } of Clusters) {
      const { Cluster } = await client.send(new DescribeClusterCommand({ ClusterId: id }));
      if (Cluster?.Tags?.some(({ Key, Value }) => Key === key && Value === value)) {
        own.push({ id, state: Status?.State ?? '' });
      }
    }
  }
  return own;
}

/** All versions of all objects. */
async function emptyBucket(bucket: string, region: string, { env }: Shell): Promise<void> {
  const endpoint = env['AWS_ENDPOINT_URL_S3'];
  const client = createS3Client({ AWS_REGION: region, AWS_ENDPOINT_URL_S3: endpoint });
  await attempt(`empty ${bucket}`, async () => {
    for (;;) {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(
        ({ Key, VersionId }) => ({ Key, VersionId }),
      );
      if (Objects.length === 0) return;
      const { Errors: [error] = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      );
      if (error !== undefined) {
        const { Key = '', Message = '' } = error;
        throw new Failure('configuration', `${bucket} keeps ${Key}: ${Message}`);
      }
    }
  });
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
