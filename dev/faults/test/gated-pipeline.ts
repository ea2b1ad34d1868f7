/** A local cloud in which every caller is behind a gate that enforces the policy of its role. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateSecurityConfigurationCommand, EMRClient } from '@aws-sdk/client-emr';
import { keyPairOf } from '@user-behaviour/local-cloud/key-pair';
import type { Names } from '@user-behaviour/rights/names';
import { type PolicyDocument, policyOf, type RoleName } from '@user-behaviour/rights/policy';
import { type Gate, startGate } from '@user-behaviour/testkit/iam/gate';
import { startAwsEmulator } from '@user-behaviour/testkit/servers/aws-emulator';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { startLocalServers } from '@user-behaviour/testkit/servers/cloud';
import { freshDatabase } from '@user-behaviour/testkit/servers/database';
import { storeAsSecret } from './source-secret.ts';

const ddl = join(import.meta.dirname, '../../../sql/source/001_user_purchase.sql');

export interface GatedPipeline extends AsyncDisposable {
  /** A standing cluster, a serverless warehouse. */
  readonly names: Names;
  /** Without the standing cluster. */
  readonly namesOfTransient: Names;
  /** A provisioned warehouse instead. */
  readonly namesOfProvisioned: Names;
  readonly bucket: TestBucket;
  /** In front of what the jobs call. */
  readonly jobs: Gate;
  /** Between the cluster and S3. */
  readonly instances: Gate;
  /** Between the warehouse and S3. */
  readonly spectrum: Gate;
  /** The variables for a transient cluster of which everything exists that `--check` looks at. */
  readonly envOfTransient: Readonly<Record<string, string>>;
  /** The variables of the jobs: purchases and reviews of every day, the source in a secret, rules and reviews in S3. */
  readonly env: Readonly<Record<string, string>>;
}

export async function startGatedPipeline(): Promise<GatedPipeline> {
  await using stack = new AsyncDisposableStack();
  const cloud = stack.use(await startLocalServers(['postgres', 's3']));
  const [bucket, vendor, settings] = [
    stack.use(await freshBucket(cloud)),
    stack.use(await freshBucket(cloud)),
    stack.use(await freshBucket(cloud)),
  ];
  await vendor.put('reviews.csv', 'cid,review_str\n7,a good film\n');
  await settings.put('rules.json', '{"version":1,"rules":[]}');
  const database = stack.use(await freshDatabase(cloud));
  await database.query(await readFile(ddl, 'utf8'));
  await database.query(
    `insert into retail.user_purchase
     select '1', 'a', 'd', 3, day, 1.5, 7, 'UK' from generate_series('2010-12-01', '2010-12-28', interval '1 day') day`,
  );
  const region = cloud.env['AWS_REGION'] ?? '';
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${region}:123456789012:${resource}`;
  const common = {
    partition: 'aws',
    region,
    account: '123456789012',
    bucket: bucket.name,
    project: 'user-behaviour',
    glueDatabase: 'user_behaviour',
    rulesBucket: settings.name,
    rulesKey: 'rules.json',
    vendorBucket: vendor.name,
    vendorKey: 'reviews.csv',
    sourceSecretArn: await storeAsSecret(database.url, bucket),
    emrServiceRoleArn: 'arn:aws:iam::123456789012:role/service',
    emrInstanceRoleArn: 'arn:aws:iam::123456789012:role/nodes',
    emrInstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/nodes',
    kmsKeyArn: arn('kms', 'key/11111111-2222-3333-4444-555555555555'),
  };
  const workgroupArn = arn('redshift-serverless', 'workgroup/11111111-2222-3333-4444-555555555555');
  /** The servers reach S3 through a gate of their role. */
  const behindGate = async (role: RoleName, server: 'emr' | 'redshift') => {
    const gate = stack.use(await startGate(cloud.env, common, policyOf(role, common)));
    const endpoint = gate.env['AWS_ENDPOINT_URL_S3'] ?? '';
    const s3 = { endpoint, keys: keyPairOf(cloud.env) };
    return { gate, ...stack.use(await startLocalServers([server], s3)) };
  };
  const emr = await behindGate('emr-instances', 'emr');
  const redshift = await behindGate('spectrum', 'redshift');
  const cluster = emr.env['EMR_CLUSTER_ID'] ?? '';
  const names = {
    ...common,
    workgroupArn,
    clusterArn: arn('elasticmapreduce', `cluster/${cluster}`),
  };
  const provisioned = {
    redshiftClusterArn: arn('redshift', 'cluster:warehouse'),
    redshiftDatabaseArn: arn('redshift', 'dbname:warehouse/dev'),
  };
  const nothing: PolicyDocument = { Version: '2012-10-17', Statement: [] };
  const emulator = stack.use(await startAwsEmulator());
  const servers = {
    ...emr.env,
    ...redshift.env,
    ...bucket.env,
    AWS_ENDPOINT_URL_IAM: emulator.endpoint,
    AWS_ENDPOINT_URL_EC2: emulator.endpoint,
  };
  const envOfTransient = await prepareTransient(servers);
  const jobs = stack.use(await startGate(servers, { ...names, ...provisioned }, nothing));
  const started = stack.move();
  return {
    names,
    namesOfTransient: { ...common, workgroupArn },
    namesOfProvisioned: { ...common, ...provisioned },
    envOfTransient,
    bucket,
    jobs,
    instances: emr.gate,
    spectrum: redshift.gate,
    env: {
      ...jobs.env,
      SOURCE_DATABASE_URL: '',
      SOURCE_DATABASE_SECRET_ARN: common.sourceSecretArn,
      REVIEWS_SOURCE: `s3://${vendor.name}/reviews.csv`,
      RULES: `s3://${settings.name}/rules.json`,
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Makes what a transient cluster needs. Every account has a subnet and a security group. */
async function prepareTransient(
  servers: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const region = servers['AWS_REGION'] ?? '';
  const query = async (service: 'iam' | 'ec2', parameters: Readonly<Record<string, string>>) => {
    const scope = `test/20101201/${region}/${service}/aws4_request`;
    const answer = await fetch(servers['AWS_ENDPOINT_URL_IAM'] ?? '', {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}` },
      body: new URLSearchParams(parameters),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${parameters['Action'] ?? ''}: ${text}`);
    return text;
  };
  const idIn = (text: string, name: string) =>
    new RegExp(`<${name}>([^<]+)<`).exec(text)?.[1] ?? '';
  await query('iam', {
    Action: 'CreateRole',
    RoleName: 'service',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
  });
  await query('iam', { Action: 'CreateInstanceProfile', InstanceProfileName: 'nodes' });
  const subnet = idIn(await query('ec2', { Action: 'DescribeSubnets' }), 'subnetId');
  const group = idIn(await query('ec2', { Action: 'DescribeSecurityGroups' }), 'groupId');
  const emr = new EMRClient({
    endpoint: servers['AWS_ENDPOINT_URL_EMR'] ?? '',
    region,
    credentials: keyPairOf(servers),
  });
  const Name = 'sealed';
  await emr.send(new CreateSecurityConfigurationCommand({ Name, SecurityConfiguration: '{}' }));
  emr.destroy();
  return {
    EMR_CLUSTER_ID: '',
    EMR_SERVICE_ROLE: 'service',
    EMR_JOB_FLOW_ROLE: 'nodes',
    EMR_SUBNET_ID: subnet,
    EMR_PRIMARY_SECURITY_GROUP: group,
    EMR_CORE_SECURITY_GROUP: group,
    EMR_SECURITY_CONFIGURATION: Name,
  };
}
