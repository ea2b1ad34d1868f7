/** What CloudFormation does not end or remove itself: each function removes what is there, and a second run nothing. */
import { DeleteObjectsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import {
  DeleteTaskDefinitionsCommand,
  ECSClient,
  ListTasksCommand,
  paginateListTaskDefinitions,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeClusterCommand,
  EMRClient,
  paginateListClusters,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { paginateListExecutions, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { Failure } from '@user-behaviour/shared/failure';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectTag } from '../parts.ts';
import { familyOf, taskNames } from '../deployed-names.ts';
import type { Shell } from './shell.ts';
import { resourcesOf } from './stacks.ts';

/** Else tasks would go on in a cluster that cannot be deleted while they do. */
export async function stopExecutions(
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

/** Tasks end some time after their execution, and those of checks have none; until then, ECS keeps their cluster. */
export async function stopTasks(
  stacks: readonly string[],
  region: string,
  { pause, report, signal }: Shell,
): Promise<void> {
  const client = new ECSClient({ region });
  const found = stacks.map((stack) => resourcesOf(stack, 'AWS::ECS::Cluster', region));
  for (const cluster of (await Promise.all(found)).flat()) {
    const stopped = new Set<string>();
    for (;;) {
      signal.throwIfAborted();
      const { taskArns = [] } = await attempt('look for tasks', () =>
        client.send(new ListTasksCommand({ cluster })),
      );
      if (taskArns.length === 0) break;
      for (const task of taskArns.filter((arn) => !stopped.has(arn))) {
        report(`stopping ${task}`);
        await attempt('stop a task', () => client.send(new StopTaskCommand({ cluster, task })));
        stopped.add(task);
      }
      await sleep(pause);
    }
  }
}

/** Clusters of EMR with the project's tag; resolves when they have ended, since their groups are in use until then. */
export async function endClusters(region: string, shell: Shell): Promise<void> {
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
export async function emptyBucket(bucket: string, region: string, { env }: Shell): Promise<void> {
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

/**
 * CloudFormation only makes them inactive. Resolves to the ARNs of all that AWS removes now, which it lists with their
 * tags until then.
 */
export async function deleteTaskDefinitions(region: string): Promise<readonly string[]> {
  const client = new ECSClient({ region });
  const families = taskNames(true).map(familyOf);
  const listed = async (status: 'INACTIVE' | 'DELETE_IN_PROGRESS') => {
    const arns: string[] = [];
    for (const familyPrefix of families) {
      const pages = paginateListTaskDefinitions({ client }, { familyPrefix, status });
      for await (const { taskDefinitionArns = [] } of pages) arns.push(...taskDefinitionArns);
    }
    return arns;
  };
  return attempt('delete the task definitions', async () => {
    const inactive = await listed('INACTIVE');
    for (let first = 0; first < inactive.length; first += mostAtOnce) {
      const taskDefinitions = inactive.slice(first, first + mostAtOnce);
      await client.send(new DeleteTaskDefinitionsCommand({ taskDefinitions }));
    }
    return [...new Set([...inactive, ...(await listed('DELETE_IN_PROGRESS'))])];
  });
}

/** Of DeleteTaskDefinitions (Amazon ECS API reference). */
const mostAtOnce = 10;
