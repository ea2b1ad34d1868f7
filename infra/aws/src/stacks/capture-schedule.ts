/** Runs capture-purchases beside the daily run, as a separate task, and raises an alarm once it has not succeeded for a while. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { CfnCluster } from 'aws-cdk-lib/aws-ecs';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { NetworkPart } from '../parts.ts';
import type { JobTask } from './job-tasks.ts';

/** Minutes; a second run at the same time ends with 75 and costs nothing. */
const interval = 15;
/** Hours without a success: so old the pointer may become (docs/monitoring.md, `capture-stale`). */
const hoursUntilStale = 3;

export interface CaptureSchedule {
  readonly task: JobTask;
  readonly cluster: CfnCluster;
  readonly network: NetworkPart;
  readonly schedulerRoleArn: string;
  readonly topic: Topic;
  readonly isScheduled: boolean;
  /** The first day without a run. */
  readonly expires: string | undefined;
}

export function captureSchedule(
  scope: Construct,
  { task, cluster, network, schedulerRoleArn, topic, isScheduled, expires }: CaptureSchedule,
): void {
  new CfnSchedule(scope, 'Capture', {
    scheduleExpression: `rate(${String(interval)} minutes)`,
    state: isScheduled ? 'ENABLED' : 'DISABLED',
    flexibleTimeWindow: { mode: 'OFF' },
    ...(isScheduled && expires !== undefined && { endDate: `${expires}T00:00:00.000Z` }),
    target: {
      arn: cluster.attrArn,
      roleArn: schedulerRoleArn,
      // The next run does it as well.
      retryPolicy: { maximumEventAgeInSeconds: interval * 60 },
      ecsParameters: {
        taskDefinitionArn: task.definitionArn,
        launchType: 'FARGATE',
        propagateTags: 'TASK_DEFINITION',
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [...network.jobSubnetIds],
            securityGroups: [network.taskSecurityGroupId],
            assignPublicIp: 'ENABLED',
          },
        },
      },
    },
  });
  const successes = new MetricFilter(scope, 'CaptureSuccesses', {
    logGroup: task.logGroup,
    // The summary line.
    filterPattern: FilterPattern.numberValue('$.exit', '=', 0),
    metricNamespace: 'user-behaviour',
    metricName: 'CaptureSucceeded',
  });
  const metric = successes.metric({ statistic: Stats.SUM, period: Duration.hours(1) });
  new Alarm(scope, 'CaptureStale', {
    metric,
    alarmDescription: `capture-stale: capture-purchases has not succeeded for ${String(hoursUntilStale)} hours. Its log says why; the source keeps its log meanwhile.`,
    threshold: 1,
    evaluationPeriods: hoursUntilStale,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.BREACHING,
    actionsEnabled: isScheduled && expires === undefined,
  }).addAlarmAction(new SnsAction(topic));
}
