/** What the stack of the daily run makes of its parts. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobs } from '@user-behaviour/shared/pipeline';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { keys } from '../src/context.ts';
import { download } from '../src/stacks/job-tasks.ts';
import { PipelineStack } from '../src/stacks/pipeline.ts';
import { exampleContext, exampleParts } from './example-parts.ts';

interface Container {
  readonly Name: string;
  readonly Environment?: readonly { readonly Name: string; readonly Value: unknown }[];
}

const synthesize = (values = {}, parts = exampleParts) => {
  const context = exampleContext(values);
  const env = { account: context.account, region: context.region };
  return Template.fromStack(new PipelineStack(new App(), 'pipeline', { env }, context, parts));
};

const containersOf = (template: Template): readonly Container[] =>
  Object.values(template.findResources('AWS::ECS::TaskDefinition')).flatMap(
    ({ Properties }: { Properties?: { ContainerDefinitions?: Container[] } }) =>
      Properties?.ContainerDefinitions ?? [],
  );

/** A source of one's own; the demo has no schedule. */
const own = { source: keys.source.example, reviews: keys.reviews.example };
const template = synthesize({ ...own, expires: '2026-12-31' });

describe('the tasks', () => {
  it('are confined, as on every scheduler', () => {
    template.resourceCountIs('AWS::ECS::TaskDefinition', jobs.length);
    for (const container of containersOf(template)) {
      expect(container).toMatchObject({
        ReadonlyRootFilesystem: true,
        LinuxParameters: { InitProcessEnabled: true, Capabilities: { Drop: ['ALL'] } },
      });
    }
    const ofJobs = containersOf(template).filter(({ Name }) => jobs.some((job) => job === Name));
    expect(ofJobs).toHaveLength(jobs.length);
    for (const container of ofJobs) {
      expect(container).toMatchObject({ Essential: true, User: '1000', StopTimeout: 40 });
    }
  });

  it.each(jobs)('give %s only variables that it knows', async (job) => {
    const { variables } = (await import(`../../../packages/${job}/src/config.ts`)) as {
      variables: Readonly<Record<string, unknown>>;
    };
    const container = containersOf(template).find(({ Name }) => Name === job);
    const names = container?.Environment?.map(({ Name }) => Name) ?? [];
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !(name in variables))).toEqual([]);
  });

  it('have the variables of the context, which win, and the right to read their rules', () => {
    const rules = { RULES: 's3://shop-rules/rules.yaml' };
    const variables = {
      'emr-clean': { ...rules, EMR_INSTANCE_TYPE: 'm7g.2xlarge', EMR_LOG_URI: 's3://own/emr/' },
      'extract-purchases': rules,
    };
    const made = synthesize({ variables });
    const environment = containersOf(made).find(({ Name }) => Name === 'emr-clean')?.Environment;
    const value = (name: string) => environment?.filter(({ Name }) => Name === name);
    expect(value('EMR_INSTANCE_TYPE')).toMatchObject([{ Value: 'm7g.2xlarge' }]);
    expect(value('EMR_LOG_URI')).toMatchObject([{ Value: 's3://own/emr/' }]);
    const policies = (of: Template) => JSON.stringify(of.findResources('AWS::IAM::Role'));
    expect(policies(made).split(':s3:::shop-rules/rules.yaml')).toHaveLength(3);
    expect(policies(template)).not.toContain('shop-rules');
  });

  it('fetch the certificates only for a source that needs them', () => {
    const names = (of: Template) => containersOf(of).map(({ Name }) => Name);
    expect(names(template)).toContain('source-authorities');
    const source = { ...exampleParts.source, caUrl: undefined };
    expect(names(synthesize({}, { ...exampleParts, source })).toSorted()).toEqual(jobs.toSorted());
  });
});

describe('the download of certificates', () => {
  const fetchTo = async (status: number, body: string) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'authorities-'));
    const file = join(folder.path, 'ca.pem');
    const server = createServer((_, response) => response.writeHead(status).end(body));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/ca.pem`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', download, url, file]);
    const [code] = (await once(child, 'exit')) as [number];
    server.close();
    return { code, text: code === 0 ? readFileSync(file, 'utf8') : undefined };
  };

  it('writes them', async () => {
    const pem = '-----BEGIN CERTIFICATE-----\n';
    expect(await fetchTo(200, pem)).toEqual({ code: 0, text: pem });
  });

  it('fails on anything else', async () => {
    expect(await fetchTo(404, 'no BEGIN CERTIFICATE')).toMatchObject({ code: 1 });
    expect(await fetchTo(200, '<html>')).toMatchObject({ code: 1 });
  });
});

describe('the schedule', () => {
  it('starts each day once it is over, up to 18 hours late, until it expires', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(15 0 * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      EndDate: '2026-12-31T00:00:00.000Z',
      Target: {
        Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>","wait":"6h","lookBack":7}',
        RetryPolicy: { MaximumEventAgeInSeconds: 64_800 },
      },
    });
  });

  it('and the alarm of a late day are off for the demo, which has no new days', () => {
    const first = (of: Template, type: string, props: object) =>
      Object.values(of.findResources(type, { Properties: props }))[0] as {
        Properties: { State?: string; ActionsEnabled?: boolean };
      };
    const isOn = (of: Template) => [
      first(of, 'AWS::Scheduler::Schedule', {}).Properties.State,
      first(of, 'AWS::CloudWatch::Alarm', { MetricName: 'ExecutionsSucceeded' }).Properties
        .ActionsEnabled,
    ];
    expect(isOn(synthesize({ source: 'demo' }))).toEqual(['DISABLED', false]);
    expect(isOn(synthesize(own))).toEqual(['ENABLED', true]);
    // Once it has ended, no success is no news.
    expect(isOn(template)).toEqual(['ENABLED', false]);
    expect(isOn(synthesize({ ...own, expires: '2026-11-29' }))).toEqual(['DISABLED', false]);
  });

  it('starts today each hour as well, if the context says so', () => {
    const hourly = synthesize({ ...own, hourly: 'true' });
    hourly.resourceCountIs('AWS::Scheduler::Schedule', 2);
    hourly.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(15 1-23 * * ? *)',
      Target: {
        Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>","offset":0,"lookBack":1}',
        RetryPolicy: { MaximumEventAgeInSeconds: 1_800 },
      },
    });
  });

  it('has no end, unless the context names one', () => {
    const schedules = Object.values(synthesize().findResources('AWS::Scheduler::Schedule'));
    expect(schedules).toHaveLength(1);
    expect(JSON.stringify(schedules)).not.toContain('EndDate');
  });
});

describe('capture', () => {
  const capture = keys.capture.example;
  const withCapture = synthesize({ ...own, capture });
  const task = Object.keys(withCapture.findResources('AWS::ECS::TaskDefinition')).find((id) =>
    id.includes('capture'),
  );

  it('is off unless the context has the secret of a role that may replicate', () => {
    expect(JSON.stringify(template)).not.toContain('capture');
  });

  it('runs each quarter of an hour as a task with its own secret, confined as the others', () => {
    withCapture.resourceCountIs('AWS::ECS::TaskDefinition', jobs.length + 1);
    const names = containersOf(withCapture).map(({ Name }) => Name);
    expect(names.filter((name) => name === 'source-authorities')).toHaveLength(2);
    const container = containersOf(withCapture).find(({ Name }) => Name === 'capture-purchases');
    expect(container).toMatchObject({
      User: '1000',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { InitProcessEnabled: true, Capabilities: { Drop: ['ALL'] } },
    });
    expect(container?.Environment).toEqual(
      expect.arrayContaining([
        { Name: 'SOURCE_DATABASE_SECRET_ARN', Value: capture },
        { Name: 'SOURCE_DATABASE_CA_FILE', Value: '/etc/source-authorities/ca.pem' },
      ]),
    );
    withCapture.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(15 minutes)',
      State: 'ENABLED',
      Target: {
        EcsParameters: { TaskDefinitionArn: { Ref: task }, LaunchType: 'FARGATE' },
        RetryPolicy: { MaximumEventAgeInSeconds: 900 },
      },
    });
  });

  it('has a role that reads its own secret only, and the scheduler may start it', () => {
    const roles = Object.entries(withCapture.findResources('AWS::IAM::Role'));
    expect(roles).toHaveLength(jobs.length + 4);
    const readers = roles.filter(([, role]) => JSON.stringify(role).includes(capture));
    expect(readers.map(([id]) => id)).toEqual([expect.stringContaining('capture') as string]);
    withCapture.hasResourceProperties('AWS::IAM::Role', {
      Policies: [
        Match.objectLike({
          PolicyDocument: Match.objectLike({
            Statement: Match.arrayWith([
              Match.objectLike({ Sid: 'RunCapture', Action: ['ecs:RunTask'] }),
              Match.objectLike({ Sid: 'PassCaptureRoles', Action: ['iam:PassRole'] }),
            ]),
          }),
        }),
      ],
    });
  });

  it('raises an alarm if it has not succeeded for three hours, by the line that it ends with', () => {
    withCapture.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ $.exit = 0 }',
      LogGroupName: { Ref: Match.stringLikeRegexp('capture') },
    });
    withCapture.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'CaptureSucceeded',
      AlarmDescription: Match.stringLikeRegexp('^capture-stale: '),
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
      ActionsEnabled: true,
    });
  });

  it('ends and is silent with the daily schedule', () => {
    const ended = synthesize({ ...own, capture, expires: '2026-12-31' });
    ended.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(15 minutes)',
      EndDate: '2026-12-31T00:00:00.000Z',
    });
    ended.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'CaptureSucceeded',
      ActionsEnabled: false,
    });
  });
});

it('lets alarms publish to the topic', () => {
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: 'sns:Publish',
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
        }),
      ]),
    },
  });
});

it('tells a Slack channel, if the context names one, which may only read', () => {
  const type = 'AWS::Chatbot::SlackChannelConfiguration';
  template.resourceCountIs(type, 0);
  synthesize({ slack: 'T0123ABCD/C0123ABCD' }).hasResourceProperties(type, {
    SlackWorkspaceId: 'T0123ABCD',
    SlackChannelId: 'C0123ABCD',
    SnsTopicArns: [{ Ref: Match.stringLikeRegexp('Alarms') }],
    GuardrailPolicies: [Match.objectLike({})],
  });
});

it('tells of days that fail, hang or are missing, and of the cost', () => {
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }: { Properties?: { MetricName?: string; AlarmDescription?: string } }) =>
      // The first word is that of a finding of `operator health`.
      [Properties?.MetricName, Properties?.AlarmDescription?.split(':')[0]],
  );
  expect(Object.fromEntries(alarms)).toEqual({
    ExecutionsFailed: 'failed',
    ExecutionsSucceeded: 'late',
    ExecutionsTimedOut: 'failed',
  });
  template.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'data-team@example.com',
  });
  template.hasResourceProperties('AWS::Budgets::Budget', {
    Budget: { CostFilters: { TagKeyValue: ['user:project$user-behaviour'] } },
  });
});

it('has no policy but those of the rights, and each role is of use', () => {
  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.resourceCountIs('AWS::IAM::Role', jobs.length + 3);
});
