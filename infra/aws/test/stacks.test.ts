/** What every deployment must have, in the templates of all stacks. cdk-nag's rules hold, or the synthesis would throw. */
import { jobs } from '@user-behaviour/shared/pipeline';
import { roles } from '@user-behaviour/rights/policy';
import { describe, expect, it, vi } from 'vitest';
import { type Resource, synthesize } from './synthesized.ts';

/** Nothing is timed: a machine may be busy. */
vi.setConfig({ testTimeout: 300_000 });

const removable = synthesize({ removable: true, lakeFormation: true, expires: '2026-12-31' });

const all = ({ resources }: typeof removable) =>
  Object.entries(resources).flatMap(([stack, made]) =>
    Object.entries(made).map(([id, resource]) => ({ stack, id, ...resource })),
  );

/** The properties of the resources of a type. */
const ofType = <T = Record<string, unknown>>(type: string, templates = removable) =>
  all(templates)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => (Properties ?? {}) as T);

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}
interface Policies {
  readonly Policies?: readonly { readonly PolicyDocument: { Statement: readonly Statement[] } }[];
  readonly PolicyDocument?: { readonly Statement: readonly Statement[] };
}

const statements = ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
  .flatMap((type) => ofType<Policies>(type))
  .flatMap(({ Policies = [], PolicyDocument }) => [
    ...Policies.map((policy) => policy.PolicyDocument),
    ...(PolicyDocument === undefined ? [] : [PolicyDocument]),
  ])
  .flatMap(({ Statement }) => Statement)
  .filter(({ Effect }) => Effect === 'Allow');

const actionsOf = ({ Action }: Statement) => [Action].flat();

describe('the stacks', () => {
  it('have names that begin alike, and tags that say what they belong to', () => {
    expect(Object.keys(removable.resources).sort()).toEqual(
      ['cluster', 'network', 'pipeline', 'source', 'storage', 'warehouse'].map(
        (name) => `user-behaviour-${name}`,
      ),
    );
    const [bucket] = ofType<{ Tags: readonly unknown[] }>('AWS::S3::Bucket');
    expect(bucket?.Tags).toContainEqual({ Key: 'project', Value: 'user-behaviour' });
  });

  it('keep data by default, and remove everything if they may', () => {
    const kept = (templates: typeof removable) =>
      all(templates)
        .filter(({ DeletionPolicy }) => /Retain|Snapshot/.test(DeletionPolicy ?? ''))
        .map(({ Type }) => Type);
    expect(kept(removable)).toEqual([]);
    expect([...new Set(kept(synthesize()))].sort()).toEqual([
      'AWS::ECR::Repository',
      'AWS::Glue::Database',
      'AWS::RedshiftServerless::Namespace',
      'AWS::S3::Bucket',
    ]);
  });

  it('leave no log behind: each function writes to a group of a stack', () => {
    const functions = ofType<{ LoggingConfig?: unknown; Code: unknown }>('AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(3);
    expect(functions.filter(({ LoggingConfig }) => LoggingConfig === undefined)).toEqual([]);
    const groups = all(removable).filter(({ Type }) => Type === 'AWS::Logs::LogGroup');
    expect(groups.filter(({ DeletionPolicy }) => DeletionPolicy !== 'Delete')).toEqual([]);
  });
});

describe('rights', () => {
  it('name every action', () => {
    expect(statements.length).toBeGreaterThan(40);
    const wide = statements.flatMap(actionsOf).filter((action) => action.includes('*'));
    // The CDK's function that empties buckets, which is there if data may be removed.
    const ofEmptying = ['s3:List*', 's3:GetObject*', 's3:DeleteObject*', 's3:GetBucket*'];
    expect(wide.filter((action) => !ofEmptying.includes(action))).toEqual([]);
  });

  it('are for all resources only where an action takes none', () => {
    const wide = statements
      .filter(({ Resource }) => [Resource].flat().includes('*'))
      .flatMap(actionsOf);
    const withoutResource = Object.values(roles)
      .flatMap(({ grants }) => grants)
      .filter(({ on }) => on.includes('*'))
      .flatMap(({ actions }) => actions);
    expect(withoutResource.length).toBeGreaterThan(5);
    const ofDeployment = ['Create', 'Delete', 'Update'].map(
      (verb) => `redshift-serverless:${verb}UsageLimit`,
    );
    expect([...new Set(wide)].sort()).toEqual(
      [...new Set([...withoutResource, ...ofDeployment])].sort(),
    );
  });

  it('to list the bucket have no condition: S3 would answer 403 for a key that is missing', () => {
    const lists = statements.filter((statement) => actionsOf(statement).includes('s3:ListBucket'));
    expect(lists.length).toBeGreaterThan(jobs.length);
    expect(lists.filter(({ Condition }) => Condition !== undefined)).toEqual([]);
  });
});

describe('the buckets', () => {
  const buckets = ofType('AWS::S3::Bucket');

  it('are private and encrypted, and end uploads that nobody completes', () => {
    expect(buckets).toHaveLength(2);
    for (const bucket of buckets) {
      expect(bucket).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        BucketEncryption: expect.anything() as unknown,
        LifecycleConfiguration: {
          Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
        },
      });
      expect(bucket).not.toHaveProperty('AccessControl');
    }
  });

  it('refuse plain HTTP', () => {
    const policies = ofType<{ PolicyDocument: { Statement: readonly unknown[] } }>(
      'AWS::S3::BucketPolicy',
    );
    expect(policies).toHaveLength(2);
    for (const { PolicyDocument } of policies) {
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 's3:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });

  it('never expire what a dataset publishes', () => {
    const rules = ({ LifecycleConfiguration }: Record<string, unknown>) =>
      (LifecycleConfiguration as { Rules: readonly Record<string, unknown>[] }).Rules;
    const [data] = buckets.filter(({ VersioningConfiguration }) => VersioningConfiguration);
    expect(rules(data ?? {})[0]).toMatchObject({
      NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    });
    expect(rules(data ?? {}).filter((rule) => 'ExpirationInDays' in rule)).toEqual([]);
  });

  it('use the key of the context', () => {
    const kmsKeyArn = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const templates = synthesize({ kmsKeyArn });
    expect(JSON.stringify(ofType('AWS::S3::Bucket', templates))).toContain(kmsKeyArn);
    expect(JSON.stringify(ofType('AWS::EMR::SecurityConfiguration', templates))).toContain(
      'SSE-KMS',
    );
    const policies = JSON.stringify(ofType('AWS::IAM::Role', templates));
    // Those that write: the four jobs and the cluster's instances.
    expect(policies.split('kms:GenerateDataKey').length - 1).toBe(5);
    const demo = JSON.stringify(templates.resources['user-behaviour-source']);
    expect(demo).toContain('kms:GenerateDataKey');
    expect(demo).toContain('kms:Decrypt');
  });
});

describe('images', () => {
  it('cannot be replaced, and are scanned', () => {
    const repositories = ofType('AWS::ECR::Repository');
    expect(repositories).toHaveLength(jobs.length);
    for (const repository of repositories) {
      expect(repository).toMatchObject({
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
        EmptyOnDelete: true,
      });
    }
  });
});

describe('the network', () => {
  it('has no gateway that costs, and a way to S3 from every subnet', () => {
    expect(ofType('AWS::EC2::NatGateway')).toEqual([]);
    const [endpoint, ...others] = ofType<{ RouteTableIds: readonly unknown[] }>(
      'AWS::EC2::VPCEndpoint',
    );
    expect(others).toEqual([]);
    expect(endpoint).toMatchObject({ VpcEndpointType: 'Gateway' });
    expect(endpoint?.RouteTableIds).toHaveLength(6);
  });

  it('has three zones, each with a public subnet for tasks and a closed one for data', () => {
    const subnets = ofType('AWS::EC2::Subnet');
    const isPublic = subnets.map(({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch);
    expect(isPublic.filter(Boolean)).toHaveLength(3);
    expect(isPublic).toHaveLength(6);
    const internet = ofType<{ DestinationCidrBlock: string }>('AWS::EC2::Route');
    expect(internet).toHaveLength(3);
  });

  it('admits nothing from outside', () => {
    const inline = ofType<{ SecurityGroupIngress?: readonly object[] }>('AWS::EC2::SecurityGroup');
    const rules = [
      ...inline.flatMap(({ SecurityGroupIngress = [] }) => SecurityGroupIngress),
      ...ofType<object>('AWS::EC2::SecurityGroupIngress'),
    ];
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter((rule) => !('SourceSecurityGroupId' in rule))).toEqual([]);
  });

  it('lets EMR use it', () => {
    for (const type of ['AWS::EC2::VPC', 'AWS::EC2::Subnet']) {
      for (const { Tags } of ofType<{ Tags: readonly unknown[] }>(type)) {
        expect(Tags).toContainEqual({
          Key: 'for-use-with-amazon-emr-managed-policies',
          Value: 'true',
        });
      }
    }
  });
});

describe('the cluster', () => {
  it('has all rules that EMR would add, as resources that go before the groups', () => {
    const own = removable.resources['user-behaviour-cluster'] ?? {};
    const ingress = Object.values(own).filter(
      ({ Type }) => Type === 'AWS::EC2::SecurityGroupIngress',
    );
    const shown = ingress.map(({ Properties }: Resource) => {
      const { IpProtocol, FromPort, ToPort } = Properties ?? {};
      return `${String(IpProtocol)} ${String(FromPort)}-${String(ToPort)}`;
    });
    expect(shown.sort()).toEqual(
      [
        ...['icmp -1--1', 'tcp 0-65535', 'udp 0-65535'].flatMap((rule) => [rule, rule, rule, rule]),
        ...['tcp 8443-8443', 'tcp 8443-8443', 'tcp 9443-9443'],
      ].sort(),
    );
    const groups = Object.values(own).filter(({ Type }) => Type === 'AWS::EC2::SecurityGroup');
    expect(groups).toHaveLength(3);
    for (const { Properties } of groups)
      expect(Properties).not.toHaveProperty('SecurityGroupIngress');
  });

  it('demands IMDSv2 and encryption', () => {
    const [configuration] = ofType('AWS::EMR::SecurityConfiguration');
    expect(configuration).toMatchObject({
      SecurityConfiguration: {
        EncryptionConfiguration: { EnableAtRestEncryption: true },
        InstanceMetadataServiceConfiguration: {
          MinimumInstanceMetadataServiceVersion: 2,
          HttpPutResponseHopLimit: 1,
        },
      },
    });
  });

  it('makes the service-linked role only where the account has none', () => {
    const linked = (templates: typeof removable) =>
      ofType('AWS::IAM::ServiceLinkedRole', templates);
    expect(linked(removable)).toEqual([]);
    expect(linked(synthesize({ emrServiceLinkedRole: true }))).toEqual([
      expect.objectContaining({ AWSServiceName: 'elasticmapreduce.amazonaws.com' }),
    ]);
  });
});

describe('the warehouse', () => {
  it('is small, closed, and in three zones', () => {
    expect(ofType('AWS::RedshiftServerless::Workgroup')).toEqual([
      expect.objectContaining({
        BaseCapacity: 4,
        MaxCapacity: 8,
        PubliclyAccessible: false,
        SubnetIds: [expect.anything(), expect.anything(), expect.anything()],
      }),
    ]);
  });

  it('stops after four RPU-hours a day', () => {
    const [limit] = ofType<{ Create: { 'Fn::Join': unknown } }>('Custom::AWS');
    const call = JSON.stringify(limit?.Create);
    expect(call).toMatch(/createUsageLimit.*serverless-compute.*daily.*\\"amount\\":4/);
    expect(call).toContain('deactivate');
  });

  it('gives Lake Formation’s permissions only where it governs the catalog', () => {
    const type = 'AWS::LakeFormation::PrincipalPermissions';
    expect(ofType(type)).toHaveLength(2);
    expect(ofType(type, synthesize())).toEqual([]);
  });
});

describe('the demo source', () => {
  it('is closed to all but the tasks, and pauses', () => {
    expect(ofType('AWS::RDS::DBCluster')).toEqual([
      expect.objectContaining({
        EnableHttpEndpoint: true,
        StorageEncrypted: true,
        ServerlessV2ScalingConfiguration: expect.objectContaining({ MinCapacity: 0 }) as unknown,
      }),
    ]);
    expect(ofType('AWS::RDS::DBInstance')).toEqual([
      expect.objectContaining({ PubliclyAccessible: false }),
    ]);
  });
});

describe('secrets', () => {
  it('are references, and are in no output, variable or policy', () => {
    const text = JSON.stringify(removable.resources);
    const [namespace] = ofType<{ AdminUserPassword: unknown }>(
      'AWS::RedshiftServerless::Namespace',
    );
    expect(JSON.stringify(namespace?.AdminUserPassword)).toMatch(/resolve:secretsmanager:/);
    const passwords = [...text.matchAll(/"[A-Za-z]*Passw(?:or)?d"\s*:\s*"([^"]+)"/g)];
    expect(passwords.filter(([, value = '']) => !value.includes('resolve'))).toEqual([]);
    expect(text).not.toMatch(/:\/\/[^/\s@"]*:[^/\s@"]*@|A[KS]IA[0-9A-Z]{16}|PRIVATE KEY/);
  });

  it('have no fixed name, which a deleted secret would keep for days', () => {
    expect(ofType<object>('AWS::SecretsManager::Secret').filter((it) => 'Name' in it)).toEqual([]);
  });
});
