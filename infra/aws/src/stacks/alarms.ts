/**
 * Alarms for failed, timed-out and late days, and a monthly budget. They go to e-mail and Slack, and begin with the name
 * that docs/monitoring.md gives the finding.
 */
import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ManagedPolicy, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Context } from '../context.ts';
import { acknowledge } from '../findings.ts';
import { projectTag } from '../parts.ts';
import { executionTimeout } from '../state-machine/retry-policy.ts';

/** Hours without a success: a day, and the longest wait for its vendor with what follows. */
const hoursUntilLate = 36;
/** US dollars a month; a small day each day costs about half. */
const monthlyBudget = 30;

/** @param isScheduled without a schedule, or once it has ended, no success is no news */
export function alarms(
  scope: Construct,
  stateMachineArn: string,
  isScheduled: boolean,
  { email, slack }: Pick<Context, 'email' | 'slack'>,
): Topic {
  const topic = new Topic(scope, 'Alarms', { enforceSSL: true });
  topic.addSubscription(new EmailSubscription(email));
  if (slack !== undefined) tellSlack(scope, topic, slack);
  acknowledge(
    topic,
    'AwsSolutions-SNS2',
    'An alarm has no secret, and alarms cannot publish to a topic with the key of SNS.',
  );
  // The topic's policy replaces the one by which CloudWatch may publish.
  topic.grantPublish(
    new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: {
        ArnLike: {
          'aws:SourceArn': `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:*`,
        },
      },
    }),
  );
  const action = new SnsAction(topic);
  const alarm = (
    name: string,
    metricName: string,
    alarmDescription: string,
    props: Omit<ConstructorParameters<typeof Alarm>[2], 'metric'>,
  ) => {
    const metric = new Metric({
      namespace: 'AWS/States',
      metricName,
      dimensionsMap: { StateMachineArn: stateMachineArn },
      statistic: Stats.SUM,
      period: Duration.hours(1),
    });
    new Alarm(scope, name, { ...props, metric, alarmDescription }).addAlarmAction(action);
  };
  const once = {
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  };
  alarm(
    'Failed',
    'ExecutionsFailed',
    'failed: a day failed. Its execution in Step Functions says which job, and why.',
    once,
  );
  alarm(
    'TimedOut',
    'ExecutionsTimedOut',
    `failed: a day took longer than ${String(executionTimeout / 3_600)} hours.`,
    once,
  );
  alarm(
    'Late',
    'ExecutionsSucceeded',
    `late: no execution has succeeded for ${String(hoursUntilLate)} hours. A new deployment says so until its first day.`,
    {
      threshold: 1,
      evaluationPeriods: hoursUntilLate,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
      actionsEnabled: isScheduled,
    },
  );
  budget(scope, email);
  return topic;
}

/** An administrator has allowed Amazon Q Developer in the workspace, which AWS does in its console only. */
function tellSlack(scope: Construct, topic: Topic, slack: string): void {
  const [slackWorkspaceId = '', slackChannelId = ''] = slack.split('/');
  new SlackChannelConfiguration(scope, 'Slack', {
    slackChannelConfigurationName: Stack.of(scope).stackName,
    slackWorkspaceId,
    slackChannelId,
    notificationTopics: [topic],
    // Else people in the channel could do what an administrator may.
    guardrailPolicies: [ManagedPolicy.fromAwsManagedPolicyName('CloudWatchReadOnlyAccess')],
  });
}

/** Counts what has the tag, once it is activated as a cost allocation tag. */
function budget(scope: Construct, email: string): void {
  const [key, value] = projectTag;
  const subscribers = [{ subscriptionType: 'EMAIL', address: email }];
  const above = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold },
    subscribers,
  });
  new CfnBudget(scope, 'Budget', {
    budget: {
      budgetName: `${Stack.of(scope).stackName}-month`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: monthlyBudget, unit: 'USD' },
      costFilters: { TagKeyValue: [`user:${key}$${value}`] },
    },
    notificationsWithSubscribers: [above('ACTUAL', 80), above('FORECASTED', 100)],
  });
}
