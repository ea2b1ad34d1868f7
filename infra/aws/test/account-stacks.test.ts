/** Which stacks of an account are the pipeline's, and what a failed creation leaves; the server answers as CloudFormation. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import type { Shell } from '../src/commands/shell.ts';
import { ownStacks, removeFailedStacks, resourcesOf } from '../src/commands/stacks.ts';

interface FakeStack {
  readonly name: string;
  readonly status: string;
  protection: boolean;
}

let stacks: FakeStack[] = [];
const calls: string[] = [];

const member = ({ name, status }: FakeStack) =>
  `<member><StackName>${name}</StackName><StackId>arn:${name}</StackId>` +
  `<StackStatus>${status}</StackStatus><CreationTime>2026-11-29T00:00:00Z</CreationTime></member>`;

const resource = (name: string, status: string) =>
  `<member><ResourceType>AWS::S3::Bucket</ResourceType><PhysicalResourceId>${name}</PhysicalResourceId>` +
  `<ResourceStatus>${status}</ResourceStatus></member>`;

function answer(form: URLSearchParams): string {
  const action = form.get('Action') ?? '';
  const name = form.get('StackName') ?? '';
  const stack = stacks.find((one) => one.name === name);
  if (action === 'DescribeStacks') return `<Stacks>${stacks.map(member).join('')}</Stacks>`;
  if (action === 'ListStackResources') {
    const listed = [resource('gone', 'DELETE_COMPLETE'), resource('kept', 'DELETE_FAILED')];
    return `<StackResourceSummaries>${listed.join('')}</StackResourceSummaries>`;
  }
  calls.push(`${action} ${name}`);
  if (action === 'UpdateTerminationProtection' && stack) {
    stack.protection = form.get('EnableTerminationProtection') === 'true';
  }
  if (action === 'DeleteStack' && stack?.protection === false) {
    stacks = stacks.filter((one) => one !== stack);
  }
  return '';
}

const server = createServer((request, response) => {
  void text(request).then((body) => {
    const form = new URLSearchParams(body);
    const action = form.get('Action') ?? '';
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(
        `<${action}Response><${action}Result>${answer(form)}</${action}Result></${action}Response>`,
      );
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');

const reported: string[] = [];
const shell: Shell = {
  env: {},
  report: (line) => reported.push(line),
  print: () => undefined,
  signal: new AbortController().signal,
  pause: 1,
};

beforeEach(() => {
  stacks = [
    { name: 'user-behaviour-storage', status: 'ROLLBACK_COMPLETE', protection: true },
    { name: 'user-behaviour-network', status: 'CREATE_COMPLETE', protection: true },
    { name: 'user-behaviour-dashboard', status: 'ROLLBACK_COMPLETE', protection: true },
    { name: 'CDKToolkit', status: 'CREATE_COMPLETE', protection: true },
  ];
  calls.length = 0;
  reported.length = 0;
});
afterAll(() => {
  server.close();
  vi.unstubAllEnvs();
});

it('leaves the stacks of others alone, also if their names begin alike', async () => {
  const own = await ownStacks('us-east-1');
  expect(own.map(({ StackName }) => StackName).sort()).toEqual([
    'user-behaviour-network',
    'user-behaviour-storage',
  ]);
});

it('removes what a failed creation left, though it is protected, so that it can be made again', async () => {
  expect(await removeFailedStacks('us-east-1', shell)).toEqual(['user-behaviour-storage']);
  expect(calls).toEqual([
    'UpdateTerminationProtection user-behaviour-storage',
    'DeleteStack user-behaviour-storage',
  ]);
  expect(reported).toEqual(['removing user-behaviour-storage, whose creation failed']);
  expect(await removeFailedStacks('us-east-1', shell)).toEqual([]);
  expect(calls).toHaveLength(2);
});

it('does not list what a failed deletion has deleted', async () => {
  const buckets = await resourcesOf('user-behaviour-storage', 'AWS::S3::Bucket', 'us-east-1');
  expect(buckets).toEqual(['kept']);
});
