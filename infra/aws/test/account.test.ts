/** What the commands do in an account; the server answers as CloudFormation, STS and Cost Explorer. */
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { cost } from '../src/commands/cost.ts';
import { down } from '../src/commands/down.ts';
import { commitOf } from '../src/commands/images.ts';
import { accountOf } from '../src/commands/settings.ts';
import type { Shell } from '../src/commands/shell.ts';
import {
  hasRepositories,
  ownStacks,
  removeFailedStacks,
  resourcesOf,
} from '../src/commands/stacks.ts';
import { answerAsAws } from './fake-service.ts';

interface FakeStack {
  readonly name: string;
  readonly status: string;
  protection: boolean;
}

let stacks: FakeStack[] = [];
const calls: string[] = [];

const member = ({ name, status, protection }: FakeStack) =>
  `<member><StackName>${name}</StackName><StackId>arn:${name}</StackId>` +
  `<StackStatus>${status}</StackStatus><CreationTime>2026-11-29T00:00:00Z</CreationTime>` +
  `<EnableTerminationProtection>${String(protection)}</EnableTerminationProtection></member>`;

const resource = (name: string, status: string) =>
  `<member><ResourceType>AWS::S3::Bucket</ResourceType><PhysicalResourceId>${name}</PhysicalResourceId>` +
  `<ResourceStatus>${status}</ResourceStatus></member>`;

function answer(form: URLSearchParams): string {
  const action = form.get('Action') ?? '';
  const name = form.get('StackName') ?? '';
  const stack = stacks.find((one) => one.name === name);
  if (action === 'GetCallerIdentity') return '<Account>123456789012</Account>';
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

const group = (service: string, Amount: string) => ({
  Keys: [service],
  Metrics: { UnblendedCost: { Amount, Unit: 'USD' } },
});
/** By day, in two pages. */
const costPages = [
  { ResultsByTime: [{ Groups: [group('EMR', '0.125'), group('S3', '0.5')] }], NextPageToken: '1' },
  { ResultsByTime: [{ Groups: [group('EMR', '1.5')] }] },
];

const server = await answerAsAws((request, response) => {
  void text(request).then((body) => {
    if (request.headers['x-amz-target'] === 'AWSInsightsIndexService.GetCostAndUsage') {
      const { NextPageToken = '0' } = JSON.parse(body) as { NextPageToken?: string };
      response.end(JSON.stringify(costPages[Number(NextPageToken)]));
      return;
    }
    const form = new URLSearchParams(body);
    const action = form.get('Action') ?? '';
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(
        `<${action}Response><${action}Result>${answer(form)}</${action}Result></${action}Response>`,
      );
  });
});

const reported: string[] = [];
const printed: string[] = [];
const shell: Shell = {
  env: {},
  report: (line) => reported.push(line),
  print: (line) => printed.push(line),
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
  printed.length = 0;
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
  await removeFailedStacks('us-east-1', shell);
  expect(calls).toEqual([
    'UpdateTerminationProtection user-behaviour-storage',
    'DeleteStack user-behaviour-storage',
  ]);
  expect(reported).toEqual(['removing user-behaviour-storage, which cannot be updated']);
  await removeFailedStacks('us-east-1', shell);
  expect(calls).toHaveLength(2);
});

it('waits for the deletion that an earlier run has begun, without another word to its protection', async () => {
  stacks = [
    { name: 'user-behaviour-storage', status: 'DELETE_IN_PROGRESS', protection: false },
    { name: 'user-behaviour-network', status: 'CREATE_COMPLETE', protection: true },
  ];
  await removeFailedStacks('us-east-1', shell);
  expect(calls).toEqual(['DeleteStack user-behaviour-storage']);
  expect(stacks.map(({ name }) => name)).toEqual(['user-behaviour-network']);
});

it.each([
  ['CREATE_COMPLETE', true],
  ['UPDATE_COMPLETE', true],
  ['UPDATE_ROLLBACK_COMPLETE', true],
  ['ROLLBACK_COMPLETE', false],
  ['REVIEW_IN_PROGRESS', false],
  ['CREATE_IN_PROGRESS', false],
  [undefined, false],
])(
  'finds repositories for the images in a stack of storage that is %s: %s',
  async (status, has) => {
    stacks = [{ name: 'user-behaviour-network', status: 'CREATE_COMPLETE', protection: true }];
    if (status !== undefined) {
      stacks.push({ name: 'user-behaviour-storage', status, protection: true });
    }
    expect(await hasRepositories({}, 'us-east-1')).toBe(has);
    // Others than ours are used as they are.
    expect(await hasRepositories({ storage: { bucket: 'lake' } }, 'us-east-1')).toBe(true);
  },
);

it('does not list what a failed deletion has deleted', async () => {
  const buckets = await resourcesOf('user-behaviour-storage', 'AWS::S3::Bucket', 'us-east-1');
  expect(buckets).toEqual(['kept']);
});

it('refuses to remove stacks that are protected', async () => {
  await expect(
    down({ region: 'us-east-1' }, { yes: true, tellCost: false }, shell),
  ).rejects.toMatchObject({
    message: 'termination protection is on for these stacks',
    action: 'to remove them with their data, first run make aws-up CONTEXT=removable=true',
    exit: 78,
  });
  expect(calls).toEqual([]);
});

it('refuses credentials of another account than the context names', async () => {
  await expect(accountOf({ account: '210987654321' }, 'us-east-1')).rejects.toMatchObject({
    message:
      'the credentials are of account 123456789012, and the context names account 210987654321',
    exit: 78,
  });
  expect(await accountOf({}, 'us-east-1')).toBe('123456789012');
});

it('names the tag of images only in a git clone', () => {
  const env = { ...process.env, GIT_DIR: '/nonexistent' };
  expect(() => commitOf({ env })).toThrow(/^git cannot say which commit this is: /);
});

it('prints what each service has cost, the highest first', async () => {
  await cost(7, shell);
  expect(printed).toEqual(['     1.63  EMR', '     0.50  S3', '     2.13  US dollars in 7 days']);
});
