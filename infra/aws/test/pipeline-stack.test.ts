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
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
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

const template = synthesize({ expires: '2026-12-31' });

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
        Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>","wait":"6h"}',
        RetryPolicy: { MaximumEventAgeInSeconds: 64_800 },
      },
    });
  });

  it('has no end, unless the context names one', () => {
    const schedules = Object.values(synthesize().findResources('AWS::Scheduler::Schedule'));
    expect(schedules).toHaveLength(1);
    expect(JSON.stringify(schedules)).not.toContain('EndDate');
  });
});

it('tells of days that fail, hang or are missing, and of the cost', () => {
  const metrics = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }: { Properties?: { MetricName?: string } }) => Properties?.MetricName,
  );
  expect(metrics.toSorted()).toEqual([
    'ExecutionsFailed',
    'ExecutionsSucceeded',
    'ExecutionsTimedOut',
  ]);
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
