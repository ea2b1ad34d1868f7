/** The daily run: EventBridge Scheduler starts the state machine, which runs the jobs as tasks on Fargate. */
import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnCluster } from 'aws-cdk-lib/aws-ecs';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import type { Construct } from 'constructs';
import type { Context } from '../context.ts';
import { captureJob, familyOf, logPrefix, outputs } from '../deployed-names.ts';
import { acknowledge } from '../findings.ts';
import type { Parts } from '../job-environment.ts';
import { namesOf, roleOf } from '../roles.ts';
import { dailyRun, type JobTask } from '../state-machine/daily-run.ts';
import { lookBack, lookBackOfHour, waitForDelivery } from '../state-machine/retry-policy.ts';
import { alarms } from './alarms.ts';
import { captureSchedule } from './capture-schedule.ts';
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
    const capture = tasks.tasks.get(captureJob);
    const schedulerRoleArn = roleOf(this, 'scheduler', {
      ...names,
      stateMachineArn,
      ...(capture !== undefined && {
        ecsCluster: cluster.ref,
        captureFamily: familyOf(captureJob),
        captureRoleArn: capture.roleArn,
        executionRoleArn: tasks.executionRoleArn,
      }),
    }).attrArn;
    this.schedules(schedulerRoleArn, stateMachineArn, context);
    const topic = alarms(this, stateMachineArn, isScheduled && expires === undefined, context);
    const { network } = parts;
    if (capture !== undefined) {
      const where = { cluster, network, schedulerRoleArn, topic };
      captureSchedule(this, { task: capture, ...where, isScheduled, expires });
    }

    const { jobSubnetIds, taskSecurityGroupId } = network;
    const values = {
      [outputs.stateMachine]: stateMachineArn,
      [outputs.cluster]: cluster.ref,
      [outputs.subnets]: Fn.join(',', [...jobSubnetIds]),
      [outputs.securityGroup]: taskSecurityGroupId,
      [outputs.bucket]: parts.storage.bucketName,
      ...(capture !== undefined && { [outputs.capture]: captureJob }),
    };
    for (const [name, value] of Object.entries(values)) {
      new CfnOutput(this, `Output${name}`, { value }).overrideLogicalId(name);
    }
  }

  private stateMachine(
    names: ReturnType<typeof namesOf>,
    cluster: CfnCluster,
    { tasks, executionRoleArn }: JobTasks,
    { network }: Parts,
  ): string {
    const made = jobs.flatMap((job) => tasks.get(job) ?? []);
    const logGroups = made.map(({ logGroup }) => logGroup.logGroupName);
    const role = roleOf(this, 'state-machine', {
      ...names,
      ecsCluster: cluster.ref,
      taskFamilies: jobs.map(familyOf),
      taskRoleArns: made.map(({ roleArn }) => roleArn),
      executionRoleArn,
      logGroups,
    });
    const definition = dailyRun({
      clusterArn: cluster.attrArn,
      subnetIds: network.jobSubnetIds,
      securityGroupId: network.taskSecurityGroupId,
      logPrefix,
      tasks: Object.fromEntries(
        jobs.map((job, index): [JobName, JobTask] => [
          job,
          { family: familyOf(job), logGroupName: logGroups[index] ?? '' },
        ]),
      ) as Record<JobName, JobTask>,
    });
    const machine = new CfnStateMachine(this, 'Day', {
      stateMachineType: 'STANDARD',
      roleArn: role.attrArn,
      definitionString: this.toJsonString(definition),
    });
    for (const [id, reason] of Object.entries({
      'AwsSolutions-SF1': 'Step Functions keeps the history of each execution for 90 days.',
      'AwsSolutions-SF2': 'The jobs are the only calls, and each has its own log.',
    })) {
      acknowledge(machine, id, reason);
    }
    return machine.attrArn;
  }

  /**
   * The time is that of the schedule, not of the start: a late start does the same day. It is disabled for
   * the demo source, which has no new days, and once it has ended.
   */
  private schedules(
    roleArn: string,
    stateMachineArn: string,
    { isScheduled, expires, hourly }: Context,
  ): void {
    const schedule = (id: string, cron: string, deadline: number, input: object) =>
      new CfnSchedule(this, id, {
        scheduleExpression: `cron(${cron})`,
        scheduleExpressionTimezone: 'UTC',
        state: isScheduled ? 'ENABLED' : 'DISABLED',
        flexibleTimeWindow: { mode: 'OFF' },
        ...(isScheduled && expires !== undefined && { endDate: `${expires}T00:00:00.000Z` }),
        target: {
          arn: stateMachineArn,
          roleArn,
          input: JSON.stringify({ scheduledTime: '<aws.scheduler.scheduled-time>', ...input }),
          retryPolicy: { maximumEventAgeInSeconds: deadline },
        },
      });
    schedule('Daily', '15 0 * * ? *', startingDeadline, { wait: waitForDelivery, lookBack });
    if (hourly)
      schedule('Hourly', '15 1-23 * * ? *', hourlyDeadline, {
        offset: 0,
        lookBack: lookBackOfHour,
      });
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
