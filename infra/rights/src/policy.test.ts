import { describe, expect, it } from 'vitest';
import { provisioned, serverless, withSecret } from '../test/accounts.ts';
import { leftOut, managedPoliciesOf, policyOf, type RoleName, roles, trustOf } from './policy.ts';

const accounts = [serverless, provisioned, withSecret];
const roleNames = Object.keys(roles) as RoleName[];

const statements = roleNames.flatMap((role) =>
  accounts.flatMap((names) => policyOf(role, names).Statement),
);

describe('the policies', () => {
  it('have every grant', () => {
    const granted = new Set(statements.map(({ Sid, Action }) => `${Sid} ${Action.join()}`));
    const all = roleNames.flatMap((role) => roles[role].grants);
    expect(all.filter(({ sid, actions }) => !granted.has(`${sid} ${actions.join()}`))).toEqual([]);
  });

  it('name each action in full', () => {
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => !/^[a-z0-9-]+:[A-Z]\w+$/.test(action))).toEqual([]);
  });

  it('grant on everything only what takes no resource (service authorization reference)', () => {
    const everywhere = statements.filter(({ Resource }) => Resource.includes('*'));
    expect([...new Set(everywhere.flatMap(({ Action }) => Action))].sort()).toEqual([
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ecr:GetAuthorizationToken',
      'elasticmapreduce:DescribeSecurityConfiguration',
      'elasticmapreduce:ListClusters',
      'elasticmapreduce:RunJobFlow',
      'redshift-data:CancelStatement',
      'redshift-data:DescribeStatement',
      'redshift-data:GetStatementResult',
      'redshift-data:ListStatements',
    ]);
  });

  it('let a role be passed to one service only, and clusters be started or used by their tag only', () => {
    const conditions = (action: string) =>
      statements
        .filter(({ Action }) => Action.includes(action))
        .map(({ Condition = {} }) => Object.values(Condition).flatMap((one) => Object.keys(one)));
    expect(new Set(conditions('iam:PassRole').flat())).toEqual(new Set(['iam:PassedToService']));
    const passed = statements
      .filter(({ Action }) => Action.includes('iam:PassRole'))
      .map(({ Sid, Condition }) => [
        Sid,
        Object.values(Condition ?? {})[0]?.['iam:PassedToService'],
      ]);
    expect(passed.sort()).toEqual([
      ['PassCaptureRoles', 'ecs-tasks.amazonaws.com'],
      ['PassInstanceRole', 'ec2.amazonaws.com*'],
      ['PassInstanceRole', 'ec2.amazonaws.com*'],
      ['PassServiceRole', 'elasticmapreduce.amazonaws.com*'],
      ['PassTaskRoles', 'ecs-tasks.amazonaws.com'],
    ]);
    for (const action of ['RunJobFlow', 'AddTags']) {
      const found = conditions(`elasticmapreduce:${action}`);
      expect(new Set(found.flat())).toEqual(new Set(['aws:RequestTag/project']));
    }
    const own = conditions('elasticmapreduce:TerminateJobFlows');
    expect(new Set(own.flat())).toEqual(new Set(['elasticmapreduce:ResourceTag/project']));
  });

  it('list the bucket without a condition', () => {
    const listing = statements.filter(({ Action }) => Action.includes('s3:ListBucket'));
    expect(listing.length).toBeGreaterThan(roleNames.length / 2);
    expect(listing.filter(({ Condition }) => Condition !== undefined)).toEqual([]);
  });

  it.each(roleNames)('of %s have statement ids that IAM takes, each once', (role) => {
    for (const names of accounts) {
      const ids = policyOf(role, names).Statement.map(({ Sid }) => Sid);
      expect(ids.filter((id) => !/^[A-Za-z0-9]+$/.test(id))).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('keep the tokens of CloudFormation as they are', () => {
    const bucket = '${Token[TOKEN.19]}';
    const [list, write] = policyOf('stage-reviews', { ...serverless, bucket }).Statement;
    expect(list?.Resource).toEqual([`arn:aws:s3:::${bucket}`]);
    expect(write?.Resource).toEqual([`arn:aws:s3:::${bucket}/movie_review/load/*`]);
  });

  it('leave a grant out, never its condition, if a name in it is not given', () => {
    const { taskRoleArns, executionRoleArn } = serverless;
    const others = { ...provisioned, taskRoleArns, executionRoleArn };
    expect(policyOf('state-machine', others).Statement.map(({ Sid }) => Sid)).toEqual([
      'PassTaskRoles',
    ]);
    expect(leftOut('state-machine', others)).toContainEqual({
      sid: 'RunTasks',
      missing: ['taskFamilies', 'ecsCluster'],
    });
    expect(leftOut('state-machine', serverless)).toEqual([]);
  });

  it('of emr-clean are for one kind of cluster, and of redshift-load for one way to log in', () => {
    const ids = (role: RoleName, names: typeof provisioned | typeof serverless) =>
      policyOf(role, names).Statement.map(({ Sid }) => Sid);
    expect(ids('emr-clean', serverless)).toContain('StartClusters');
    expect(ids('emr-clean', { ...serverless, ...provisioned })).not.toContain('StartClusters');
    expect(ids('redshift-load', serverless)).toContain('LogInToWorkgroup');
    expect(ids('redshift-load', withSecret)).toContain('ReadWarehouseSecret');
    expect(ids('redshift-load', withSecret)).not.toContain('LogInToCluster');
  });

  it('of emr-clean write neither the staged reviews nor the scripts', () => {
    const written = policyOf('emr-clean', serverless).Statement.filter(({ Action }) =>
      Action.includes('s3:PutObject'),
    );
    expect(written.flatMap(({ Resource }) => Resource)).toEqual([
      'arn:aws:s3:::lake/movie_review/stage/*',
      'arn:aws:s3:::lake/movie_review/rejects/*',
      'arn:aws:s3:::lake/runs/emr-clean/*',
    ]);
  });

  it.each(['extract-purchases', 'stage-reviews', 'emr-clean', 'redshift-load'] as const)(
    'of %s add records of its own runs, and neither read nor remove any',
    (role) => {
      const ofRuns = policyOf(role, serverless).Statement.filter(({ Resource }) =>
        Resource.some((one) => one.includes('/runs/')),
      );
      expect(ofRuns).toEqual([
        {
          Sid: 'WriteRunRecords',
          Effect: 'Allow',
          Action: ['s3:PutObject'],
          Resource: [`arn:aws:s3:::lake/runs/${role}/*`],
        },
      ]);
    },
  );
});

describe('the trust', () => {
  it.each(roleNames)('of %s is in services of AWS, without a placeholder', (role) => {
    const trust = trustOf(role, serverless);
    expect(JSON.stringify(trust)).not.toMatch(/\{\w+\}/);
    const [{ Principal }] = trust.Statement;
    expect(Principal.Service.length).toBeGreaterThan(0);
    expect(Principal.Service.every((service) => service.endsWith('.amazonaws.com'))).toBe(true);
  });

  it('of Spectrum is in both kinds of Redshift', () => {
    expect(trustOf('spectrum', serverless).Statement[0].Principal.Service).toEqual([
      'redshift.amazonaws.com',
      'redshift-serverless.amazonaws.com',
    ]);
  });

  it('of tasks, clusters and schedules is for this account only', () => {
    const accountOf = (role: RoleName) =>
      trustOf(role, serverless).Statement[0].Condition?.['StringEquals']?.['aws:SourceAccount'];
    const roles = ['extract-purchases', 'emr-service', 'scheduler', 'state-machine'] as const;
    expect(new Set(roles.map(accountOf))).toEqual(new Set(['123456789012']));
  });
});

it("EMR's service role has AWS's policy for tagged resources besides", () => {
  expect(managedPoliciesOf('emr-service', serverless)).toEqual([
    'arn:aws:iam::aws:policy/service-role/AmazonEMRServicePolicy_v2',
  ]);
  expect(managedPoliciesOf('spectrum', serverless)).toEqual([]);
});
