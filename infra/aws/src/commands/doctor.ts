/** The checks of the jobs, run where they work: as tasks in the account, with their roles. */
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTasksCommand, ECSClient, RunTaskCommand, type Task } from '@aws-sdk/client-ecs';
import { Failure, kindOfExit, mostSevereExit } from '@user-behaviour/shared/failure';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf, logGroupOf, logPrefix, type TaskName } from '../deployed-names.ts';
import type { Shell } from './shell.ts';
import { type Deployment, deployment } from './stacks.ts';

/** Prints the findings of each job. @throws a failure of the most severe kind */
export async function doctor(region: string, shell: Shell): Promise<void> {
  const place = await deployment(region);
  const client = new ECSClient({ region });
  const started = await Promise.all(
    place.jobs.map(async (job) => [job, await startCheck(client, job, place)] as const),
  );
  const exits: number[] = [];
  for (const [job, arn] of started) {
    const task = await untilStopped(client, place.cluster, arn, shell);
    const exit = task.containers?.find(({ name }) => name === job)?.exitCode;
    if (exit === undefined) {
      shell.print(`${job}  did not start: ${task.stoppedReason ?? 'no reason is known'}`);
    }
    for (const line of await linesOf(job, arn, region)) shell.print(`${job}  ${line}`);
    exits.push(exit ?? 75);
  }
  const worst = mostSevereExit(exits);
  if (worst !== 0) throw new Failure(kindOfExit(worst), 'not all checks passed');
}

async function startCheck(client: ECSClient, job: TaskName, place: Deployment): Promise<string> {
  const { tasks = [], failures = [] } = await attempt(`start the checks of ${job}`, () =>
    client.send(
      new RunTaskCommand({
        cluster: place.cluster,
        taskDefinition: familyOf(job),
        launchType: 'FARGATE',
        propagateTags: 'TASK_DEFINITION',
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [...place.subnetIds],
            securityGroups: [place.securityGroupId],
            assignPublicIp: 'ENABLED',
          },
        },
        overrides: {
          containerOverrides: [{ name: job, command: ['--check', '--log-format=json'] }],
        },
      }),
    ),
  );
  const arn = tasks[0]?.taskArn;
  if (arn !== undefined) return arn;
  throw new Failure('transient', `ECS did not start ${job}: ${failures[0]?.reason ?? ''}`);
}

async function untilStopped(
  client: ECSClient,
  cluster: string,
  arn: string,
  { pause, signal }: Shell,
): Promise<Task> {
  for (;;) {
    signal.throwIfAborted();
    const { tasks = [] } = await attempt('look at the checks', () =>
      client.send(new DescribeTasksCommand({ cluster, tasks: [arn] })),
    );
    const [task] = tasks;
    if (task?.lastStatus === 'STOPPED') return task;
    await sleep(pause);
  }
}

async function linesOf(job: TaskName, arn: string, region: string): Promise<readonly string[]> {
  const client = new CloudWatchLogsClient({ region });
  const logStreamNames = [`${logPrefix}/${job}/${arn.split('/').at(-1) ?? ''}`];
  const lines: string[] = [];
  try {
    const pages = paginateFilterLogEvents(
      { client },
      { logGroupName: logGroupOf(job), logStreamNames },
    );
    for await (const { events = [] } of pages) {
      lines.push(...events.map(({ message = '' }) => message.trimEnd()));
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
  }
  return lines;
}
