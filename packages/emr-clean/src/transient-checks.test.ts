import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { EMRClient } from '@aws-sdk/client-emr';
import { readConfiguration } from '@user-behaviour/shared/runner/config';
import { type Finding, runChecks } from '@user-behaviour/shared/runner/health-checks';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { validate, variables } from './config.ts';
import { transientClusterChecks } from './transient-checks.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Errors and answers as the API references of IAM and EC2 show them. */
const iamError = (status: number, code: string): Answer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>said by IAM</Message></Error></ErrorResponse>`,
});
const ec2Error = (status: number, code: string): Answer => ({
  status,
  body: `<?xml version="1.0"?><Response><Errors><Error><Code>${code}</Code><Message>said by EC2</Message></Error></Errors></Response>`,
});
const resource = (key: string): Answer => ({
  status: 200,
  body: `<R><item><tagSet>\n<item>\n<key>a</key><value>true</value></item><item><key>${key}</key>\n <value>true</value></item></tagSet></item></R>`,
});
const seen = resource('for-use-with-amazon-emr-managed-policies');
const untagged = resource('Name');

/** By the name of the resource; what is not in it does not exist. */
let answers: Record<string, Answer>;
let requests: { action: string; name: string; authorization: string }[];

const notThere: Readonly<Record<string, Answer>> = {
  GetRole: iamError(404, 'NoSuchEntity'),
  GetInstanceProfile: iamError(404, 'NoSuchEntity'),
  DescribeSubnets: ec2Error(400, 'InvalidSubnetID.NotFound'),
  DescribeSecurityGroups: ec2Error(400, 'InvalidGroup.NotFound'),
};

async function answerTo(request: IncomingMessage): Promise<Answer> {
  const body = await text(request);
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    if (target.endsWith('.ListClusters')) return { status: 200, body: '{"Clusters":[]}' };
    const { Name } = JSON.parse(body) as { Name: string };
    const Message = `Security configuration with name '${Name}' does not exist.`;
    const refused = { __type: 'InvalidRequestException', ErrorCode: 'x', Message };
    return answers[Name] ?? { status: 400, body: JSON.stringify(refused) };
  }
  const { Action: action = '', Version, ...named } = Object.fromEntries(new URLSearchParams(body));
  expect(Version).toMatch(/^20\d\d-\d\d-\d\d$/);
  const [name = ''] = Object.values(named);
  requests.push({ action, name, authorization: String(request.headers.authorization) });
  return answers[name] ?? notThere[action] ?? { status: 500, body: '' };
}

const server = createServer((request, response) => {
  void answerTo(request).then(({ status, body }) => response.writeHead(status).end(body));
});

let endpoint: string;
beforeEach(async () => {
  answers = { service: seen, profile: seen, 'subnet-1': seen, 'subnet-2': seen, 'sg-1': seen };
  requests = [];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function check(own: Readonly<Record<string, string>> = {}) {
  const environment = {
    PIPELINE_BUCKET: 'lake',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_EMR: endpoint,
    AWS_ENDPOINT_URL_IAM: endpoint,
    AWS_ENDPOINT_URL_EC2: endpoint,
    EMR_SERVICE_ROLE: 'arn:aws:iam::123456789012:role/path/service',
    EMR_JOB_FLOW_ROLE: 'profile',
    EMR_SUBNET_ID: 'subnet-1,subnet-2',
    ...own,
  };
  const client = new EMRClient({
    region: 'eu-west-1',
    endpoint,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  const configuration = readConfiguration(variables, environment, validate);
  const findings: Finding[] = [];
  const exit = await runChecks(transientClusterChecks(client, configuration), (one) =>
    findings.push(one),
  );
  client.destroy();
  const of = (kind: string) => findings.find((one) => one.check === `transient cluster: ${kind}`);
  return { exit, findings, of };
}

const groups = {
  EMR_PRIMARY_SECURITY_GROUP: 'sg-1',
  EMR_CORE_SECURITY_GROUP: 'sg-1',
  EMR_SECURITY_CONFIGURATION: 'sealed',
};

it('looks at each thing that the variables name, once, signed for its service and region', async () => {
  answers['sealed'] = { status: 200, body: '{"Name":"sealed","SecurityConfiguration":"{}"}' };
  const { exit, findings } = await check(groups);
  expect(exit).toBe(0);
  expect(findings.map(({ check, result, found }) => [check, result, found])).toEqual([
    [
      'transient cluster: list clusters',
      'ok',
      'emr-7.14.0, 2 × m7g.xlarge; starting one was not tested',
    ],
    ['transient cluster: service role', 'ok', 'service'],
    ['transient cluster: instance profile', 'ok', 'profile'],
    ['transient cluster: subnet', 'ok', 'subnet-1, subnet-2'],
    ['transient cluster: security group', 'ok', 'sg-1'],
    ['transient cluster: security configuration', 'ok', 'sealed'],
  ]);
  expect(requests.map(({ action, name }) => `${action} ${name}`)).toEqual([
    'GetRole service',
    'GetInstanceProfile profile',
    'DescribeSubnets subnet-1',
    'DescribeSubnets subnet-2',
    'DescribeSecurityGroups sg-1',
  ]);
  expect(requests[0]?.authorization).toMatch(/\/us-east-1\/iam\/aws4_request/);
  expect(requests[2]?.authorization).toMatch(/\/eu-west-1\/ec2\/aws4_request/);
});

it.each([
  ['service role', 'service', 'EMR_SERVICE_ROLE'],
  ['instance profile', 'profile', 'EMR_JOB_FLOW_ROLE'],
  ['subnet', 'subnet-2', 'EMR_SUBNET_ID'],
  ['security group', 'sg-1', 'EMR_CORE_SECURITY_GROUP'],
  ['security configuration', 'sealed', 'EMR_SECURITY_CONFIGURATION'],
])('fails with 78 if the %s does not exist', async (kind, name, variable) => {
  answers['sealed'] = { status: 200, body: '{}' };
  answers = Object.fromEntries(Object.entries(answers).filter(([known]) => known !== name));
  const { exit, of } = await check(groups);
  expect(exit).toBe(78);
  expect(of(kind)).toMatchObject({ result: 'FAIL', found: `${kind} ${name} does not exist` });
  expect(of(kind)?.action).toContain(variable);
});

it.each([
  ['service role', 'service', iamError(403, 'AccessDenied'), 'grant iam:GetRole,'],
  ['instance profile', 'profile', iamError(403, 'AccessDenied'), 'grant iam:GetInstanceProfile,'],
  ['subnet', 'subnet-1', ec2Error(403, 'UnauthorizedOperation'), 'grant ec2:DescribeSubnets,'],
  [
    'security group',
    'sg-1',
    ec2Error(403, 'UnauthorizedOperation'),
    'grant ec2:DescribeSecurityGroups,',
  ],
  [
    'security configuration',
    'sealed',
    { status: 400, body: '{"__type":"AccessDeniedException","Message":"no"}' },
    'grant elasticmapreduce:DescribeSecurityConfiguration,',
  ],
  ['subnet', 'subnet-1', ec2Error(503, 'Unavailable'), 'let this host reach the service'],
])('warns if it may not or cannot look at the %s', async (kind, name, answer, advice) => {
  answers['sealed'] = { status: 200, body: '{}' };
  answers[name] = answer;
  const { exit, of } = await check(groups);
  expect(exit).toBe(0);
  expect(of(kind)).toMatchObject({
    result: 'warn',
    found: expect.stringContaining('not looked at') as string,
    action: expect.stringContaining(advice) as string,
  });
});

it('warns of subnets and groups that a role with the managed policy could not use', async () => {
  answers['subnet-2'] = untagged;
  const { exit, of } = await check();
  expect(exit).toBe(0);
  expect(of('subnet')).toMatchObject({
    result: 'warn',
    found:
      'subnet-1, subnet-2; without the tag for-use-with-amazon-emr-managed-policies=true: subnet-2',
  });
});

it('warns if a service does not answer', async () => {
  const { exit, of } = await check({ AWS_ENDPOINT_URL_IAM: 'http://127.0.0.1:9' });
  expect(exit).toBe(0);
  expect(of('service role')).toMatchObject({
    result: 'warn',
    found: expect.stringContaining('ECONNREFUSED') as string,
  });
});

it('does not ask the IAM and EC2 of AWS about a cluster elsewhere', async () => {
  const { exit, of } = await check({ AWS_ENDPOINT_URL_IAM: '', AWS_ENDPOINT_URL_EC2: '' });
  expect(exit).toBe(0);
  expect(requests).toEqual([]);
  expect(of('service role')).toMatchObject({
    result: 'ok',
    found: 'not looked at: AWS_ENDPOINT_URL_EMR is set and AWS_ENDPOINT_URL_IAM is not',
  });
});
