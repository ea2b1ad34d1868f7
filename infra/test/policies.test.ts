/** The documented command that prints policies, and parliament as a second opinion on what it prints. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The command of docs/rights.md as arguments of Node, without its redirection. */
const documented = (() => {
  const [, block = ''] =
    /^```sh\nnpx node (.*?)\n {2}> roles\.json\n^```$/ms.exec(
      readFileSync(join(root, 'docs/rights.md'), 'utf8').replaceAll('\\\n', '\n'),
    ) ?? [];
  return block.trim().split(/\s+/);
})();

function print(...options: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(execPath, [...documented, ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const roles = (json: string) =>
  JSON.parse(json) as Record<string, { readonly policy: object; readonly trust: object }>;

/** By policy, what parliament finds. Its program writes to /tmp, so its library is called. */
function findings(policies: Readonly<Record<string, object>>): Record<string, readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'policies-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, 'policies.json'), JSON.stringify(policies));
  const program = `
import json, sys
from parliament import analyze_policy_string
policies = json.load(open(sys.argv[1]))
print(json.dumps({
    name: [f"{found.issue}: {found.detail}" for found in analyze_policy_string(json.dumps(policy)).findings]
    for name, policy in policies.items()
}))`;
  const python = join(root, '.local/python/bin/python');
  const args = ['-c', program, join(folder, 'policies.json')];
  const { stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, readonly string[]>;
}

/** Parliament knows the conditions of actions; this one is of their resource, the cluster (service authorization reference). */
const ofResource = /^UNKNOWN_CONDITION_FOR_ACTION: .*elasticmapreduce:ResourceTag\/project/;

const everything = [
  '--rules-bucket=settings',
  '--rules-key=rules.json',
  '--vendor-bucket=vendor',
  '--vendor-key=reviews/*',
  '--kms-key-arn=arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555',
  '--redshift-cluster-arn=arn:aws:redshift:eu-west-1:123456789012:cluster:warehouse',
  '--redshift-database-arn=arn:aws:redshift:eu-west-1:123456789012:dbname:warehouse/dev',
  '--ecs-cluster=jobs',
  '--task-families=extract',
  '--task-families=stage',
  '--task-role-arns=arn:aws:iam::123456789012:role/extract',
  '--execution-role-arn=arn:aws:iam::123456789012:role/execution',
  '--repository-arns=arn:aws:ecr:eu-west-1:123456789012:repository/extract',
  '--log-groups=/jobs/extract',
  '--state-machine-arn=arn:aws:states:eu-west-1:123456789012:stateMachine:day',
  '--capture-family=capture',
  '--capture-role-arn=arn:aws:iam::123456789012:role/capture',
];
const cluster =
  '--cluster-arn=arn:aws:elasticmapreduce:eu-west-1:123456789012:cluster/j-2AXXXXXXGAPLF';
const secret =
  '--warehouse-secret-arn=arn:aws:secretsmanager:eu-west-1:123456789012:secret:warehouse-AbCdEf';

it('the documented command prints the roles of jobs, clusters and warehouse, and what it leaves out', () => {
  const { status, stdout, stderr } = print();
  expect(status).toBe(0);
  const jobs = ['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load'];
  const others = ['capture-purchases', 'health', 'emr-service', 'emr-instances', 'spectrum'];
  expect(Object.keys(roles(stdout))).toEqual([...jobs, ...others]);
  expect(stderr).toContain('stage-reviews is without ReadVendor, which needs --vendor-bucket');
  expect(stderr).not.toContain('StartClusters');
});

it('parliament finds nothing in the policies', () => {
  for (const options of [everything, [...everything, cluster, secret]]) {
    const { status, stdout } = print(...options);
    expect(status).toBe(0);
    const printed = Object.entries(roles(stdout));
    expect(printed.length).toBe(12);
    const found = findings(Object.fromEntries(printed.map(([name, { policy }]) => [name, policy])));
    expect(
      Object.values(found)
        .flat()
        .filter((one) => !ofResource.test(one)),
    ).toEqual([]);
  }
});

it('parliament would find a wrong resource, and a wrong condition', () => {
  const policy = (statement: object) => ({
    Version: '2012-10-17',
    Statement: [{ Sid: 'A', Effect: 'Allow', ...statement }],
  });
  const found = findings({
    resource: policy({
      Action: ['redshift-data:DescribeStatement'],
      Resource: ['arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/1'],
    }),
    condition: policy({
      Action: ['elasticmapreduce:RunJobFlow'],
      Resource: ['*'],
      Condition: { StringEquals: { 'elasticmapreduce:ResourceTag/project': 'a' } },
    }),
  });
  expect(found['resource']?.join()).toContain('RESOURCE_MISMATCH');
  expect(found['condition']?.join()).toContain('UNKNOWN_CONDITION_FOR_ACTION');
});

it('a wrong command line ends with 64 and all options', () => {
  for (const options of [['--bukket=a'], ['--bucket=second']]) {
    const { status, stdout, stderr } = print(...options);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain('--workgroup-arn: a serverless workgroup');
  }
});
