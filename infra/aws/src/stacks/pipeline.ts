/** The daily run: EventBridge Scheduler starts the state machine, which runs the jobs as tasks on Fargate. */
import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnCluster } from 'aws-cdk-lib/aws-ecs';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import type { Construct } from 'constructs';
import type { Context } from '../context.ts';
import { familyOf, logPrefix, outputs } from '../deployed-names.ts';
import { acknowledge } from '../findings.ts';
import type { Parts } from '../job-environment.ts';
import { namesOf, roleOf } from '../roles.ts';
import { dailyRun, type JobTask } from '../state-machine/daily-run.ts';
import { lookBack, waitForDelivery } from '../state-machine/retry-policy.ts';
import { alarms } from './alarms.ts';
import { type JobTasks, jobTasks } from './job-tasks.ts';

/** As for the CronJobs of Kubernetes: an execution may start so late, in seconds. */
const startingDeadline = 64_800;
/** The next hour does it as well. */
const hourlyDeadline = 1_800;

export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps, context: Context, parts: Parts) {
    super(scope, id, props);
    const names = {
      ...namesOf(context, parts.storage),
      ...namesOfParts(parts),
      ...namesOfRules(context.variables),
    };
    const cluster = new CfnCluster(this, 'Cluster', {
      clusterSettings: [{ name: 'containerInsights', value: 'disabled' }],
    });
    acknowledge(
      cluster,
      'AwsSolutions-ECS4',
      'Tasks that run a few minutes a day have their logs and the history of the execution.',
    );
    const tasks = jobTasks(this, context, names, parts);
    const stateMachineArn = this.stateMachine(names, cluster, tasks, parts);
    const { isScheduled, expires } = context;
    this.schedules(names, stateMachineArn, context);
    alarms(this, stateMachineArn, isScheduled && expires === undefined, context);

    const { jobSubnetIds, taskSecurityGroupId } = parts.network;
    const values = {
      [outputs.stateMachine]: stateMachineArn,
      [outputs.cluster]: cluster.ref,
      [outputs.subnets]: Fn.join(',', [...jobSubnetIds]),
      [outputs.securityGroup]: taskSecurityGroupId,
      [outputs.bucket]: parts.storage.bucketName,
    };
    for (const [name, value] of Object.entries(values)) {
      new CfnOutput(this, `Output${name}`, { value }).overrideLogicalId(name);
    }
  }

  private stateMachine(
    names: ReturnType<typeof namesOf>,
    cluster: CfnCluster,
    tasks: JobTasks,
    { network }: Parts,
  ): string {
    const role = roleOf(this, 'state-machine', {
      ...names,
      ecsCluster: cluster.ref,
      taskFamilies: jobs.map(familyOf),
      taskRoleArns: tasks.taskRoleArns,
      executionRoleArn: tasks.executionRoleArn,
      logGroups: Object.values(tasks.logGroups),
    });
    const definition = dailyRun({
      clusterArn: cluster.attrArn,
      subnetIds: network.jobSubnetIds,
      securityGroupId: network.taskSecurityGroupId,
      logPrefix,
      tasks: Object.fromEntries(
        jobs.map((job): [JobName, JobTask] => [
          job,
          { family: familyOf(job), logGroupName: tasks.logGroups[job] },
        ]),
      ) as Record<JobName, JobTask>,
    });
    const made = new CfnStateMachine(this, 'Day', {
      stateMachineType: 'STANDARD',
      roleArn: role.attrArn,
      definitionString: this.toJsonString(definition),
    });
    for (const [id, reason] of Object.entries({
      'AwsSolutions-SF1': 'Step Functions keeps the history of each execution for 90 days.',
      'AwsSolutions-SF2': 'The jobs are the only calls, and each has its own log.',
    })) {
      acknowledge(made, id, reason);
    }
    return made.attrArn;
  }

  /**
   * The time is that of the schedule, not of the start: a late start does the same day. It is disabled for
   * the demo source, which has no new days, and once it has ended.
   */
  private schedules(
    names: ReturnType<typeof namesOf>,
    stateMachineArn: string,
    { isScheduled, expires, hourly }: Context,
  ): void {
    const role = roleOf(this, 'scheduler', { ...names, stateMachineArn });
    const schedule = (id: string, cron: string, deadline: number, input: object) =>
      new CfnSchedule(this, id, {
        scheduleExpression: `cron(${cron})`,
        scheduleExpressionTimezone: 'UTC',
        state: isScheduled ? 'ENABLED' : 'DISABLED',
        flexibleTimeWindow: { mode: 'OFF' },
        ...(isScheduled && expires !== undefined && { endDate: `${expires}T00:00:00.000Z` }),
        target: {
          arn: stateMachineArn,
          roleArn: role.attrArn,
          input: JSON.stringify({ scheduledTime: '<aws.scheduler.scheduled-time>', ...input }),
          retryPolicy: { maximumEventAgeInSeconds: deadline },
        },
      });
    schedule('Daily', '15 0 * * ? *', startingDeadline, { wait: waitForDelivery, lookBack });
    if (hourly) schedule('Hourly', '15 1-23 * * ? *', hourlyDeadline, { offset: 0 });
  }
}

/** What the policies name of the other stacks. */
function namesOfParts({ storage, cluster, warehouse, source }: Parts) {
  const [, vendorBucket = '', vendorKey = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(source.reviews) ?? [];
  return {
    sourceSecretArn: source.secretArn,
    vendorBucket: vendorBucket === '' ? storage.bucketName : vendorBucket,
    vendorKey: vendorKey.replaceAll('{ds}', '*'),
    emrServiceRoleArn: cluster.serviceRoleArn,
    emrInstanceRoleArn: cluster.instanceRoleArn,
    emrInstanceProfileArn: instanceProfileArn(cluster.instanceProfileName),
    workgroupArn: warehouse.workgroupArn,
  };
}

/** The object that RULES names, if it is in S3; the jobs have the same. */
function namesOfRules(variables: Context['variables']) {
  const rules = Object.values(variables).flatMap(({ RULES }) => RULES ?? []);
  const [, rulesBucket, rulesKey] = /^s3:\/\/([^/]+)\/(.+)$/.exec(rules[0] ?? '') ?? [];
  return rulesBucket === undefined || rulesKey === undefined ? {} : { rulesBucket, rulesKey };
}

const instanceProfileArn = (name: string): string =>
  Fn.sub('arn:${AWS::Partition}:iam::${AWS::AccountId}:instance-profile/${Name}', { Name: name });
