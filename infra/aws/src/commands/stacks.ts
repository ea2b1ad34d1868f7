/** The project's stacks in CloudFormation. */
import {
  CloudFormationClient,
  DeleteStackCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { Failure } from '@user-behaviour/shared/failure';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { setTimeout as sleep } from 'node:timers/promises';
import { outputs, stackNames, type TaskName, taskNames } from '../deployed-names.ts';
import type { Shell } from './shell.ts';

const pipelineStack = stackNames.pipeline;
export const storageStack = stackNames.storage;
/** Of the CDK, for all of an account's stacks. */
const bootstrapStack = 'CDKToolkit';

async function allStacks(region: string): Promise<readonly Stack[]> {
  const client = new CloudFormationClient({ region });
  return attempt('list the stacks', async () => {
    const stacks: Stack[] = [];
    for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
      stacks.push(...Stacks.filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE'));
    }
    return stacks;
  });
}

/** The newest first: no stack uses one that is newer. */
export async function ownStacks(region: string): Promise<readonly Stack[]> {
  const names: readonly string[] = Object.values(stackNames);
  const own = (await allStacks(region)).filter(({ StackName = '' }) => names.includes(StackName));
  return own.toSorted((a, b) => Number(b.CreationTime) - Number(a.CreationTime));
}

/**
 * Removes stacks whose creation failed: such a stack has nothing, cannot be updated, and holds its name. Protection
 * would keep it. Also waits for those that an earlier run has begun to delete.
 */
export async function removeFailedStacks(region: string, shell: Shell): Promise<void> {
  const failed = (await ownStacks(region)).filter(({ StackStatus = '' }) =>
    /^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_IN_PROGRESS)$/.test(StackStatus),
  );
  const client = new CloudFormationClient({ region });
  for (const stack of failed) {
    const { StackName = '', EnableTerminationProtection } = stack;
    shell.report(`removing ${StackName}, which cannot be updated`);
    if (EnableTerminationProtection === true) {
      await attempt(`unprotect stack ${StackName}`, () =>
        client.send(
          new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }),
        ),
      );
    }
    await deleteStack(stack, region, shell);
  }
}

export const isBootstrapped = async (region: string): Promise<boolean> =>
  (await allStacks(region)).some(({ StackName }) => StackName === bootstrapStack);

/** Whether images can be pushed: to repositories of their own, or to those of a stack that is whole. */
export const hasRepositories = async (
  { storage }: Readonly<Record<string, unknown>>,
  region: string,
): Promise<boolean> =>
  storage !== undefined ||
  (await ownStacks(region)).some(
    ({ StackName, StackStatus = '' }) =>
      StackName === storageStack && /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(StackStatus),
  );

export interface Deployment {
  readonly stateMachineArn: string;
  readonly cluster: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly jobs: readonly TaskName[];
}

/** @throws a configuration failure if the pipeline is not deployed in this Region */
export async function deployment(region: string): Promise<Deployment> {
  const stack = (await ownStacks(region)).find(({ StackName }) => StackName === pipelineStack);
  const output = (name: string) =>
    stack?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
  const value = (name: string): string => {
    const found = output(name);
    if (found !== undefined) return found;
    const what = stack === undefined ? 'is not deployed' : `has no output ${name}`;
    throw new Failure('configuration', `stack ${pipelineStack} ${what} in ${region}`, {
      action: 'run make aws-up, or name the Region in which it is',
    });
  };
  return {
    stateMachineArn: value(outputs.stateMachine),
    cluster: value(outputs.cluster),
    subnetIds: value(outputs.subnets).split(','),
    securityGroupId: value(outputs.securityGroup),
    jobs: taskNames(output(outputs.capture) !== undefined),
  };
}

/** The physical names of a stack's resources of one type. */
export async function resourcesOf(
  StackName: string,
  type: string,
  region: string,
): Promise<readonly string[]> {
  const client = new CloudFormationClient({ region });
  return attempt(`list the resources of ${StackName}`, async () => {
    const names: string[] = [];
    for await (const page of paginateListStackResources({ client }, { StackName })) {
      for (const {
        ResourceType,
        PhysicalResourceId,
        ResourceStatus,
      } of page.StackResourceSummaries ?? []) {
        // A deletion that failed lists what it has deleted, too.
        if (ResourceStatus === 'DELETE_COMPLETE') continue;
        if (ResourceType === type && PhysicalResourceId !== undefined) {
          names.push(PhysicalResourceId);
        }
      }
    }
    return names;
  });
}

/** Resolves when it is gone. @throws a failure with CloudFormation's reason if it stays */
export async function deleteStack(
  { StackName = '', StackId = '' }: Stack,
  region: string,
  { pause, signal }: Shell,
): Promise<void> {
  const client = new CloudFormationClient({ region });
  await attempt(`delete stack ${StackName}`, () =>
    client.send(new DeleteStackCommand({ StackName })),
  );
  for (;;) {
    signal.throwIfAborted();
    const left = (await allStacks(region)).find((stack) => stack.StackId === StackId);
    if (left === undefined) return;
    if (left.StackStatus === 'DELETE_FAILED') {
      throw new Failure('configuration', `${StackName} stays: ${left.StackStatusReason ?? ''}`, {
        action: 'remove what holds it, then run the command again',
      });
    }
    await sleep(pause);
  }
}
