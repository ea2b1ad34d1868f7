/** What IAM requires for a recorded call (service authorization reference, by service). */
import type { Names } from '@user-behaviour/rights/names';
import type { HttpCall } from '../proxies/http-proxy.ts';

/** An action on a resource, with what the conditions of a policy may ask about the call. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** The tags of each cluster, by its id. */
export type ClusterTags = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** S3 asks for the key on behalf of the caller (S3 user guide, "Protecting data with SSE-KMS"). */
export function s3Needs(call: HttpCall, names: Names): readonly Need[] {
  const needs = objectNeeds(call);
  const { kmsKeyArn, region } = names;
  if (kmsKeyArn === undefined) return needs;
  const isInUpload = new URL(call.url, 'http://s3').searchParams.has('uploadId');
  const keyActions = needs.flatMap(({ action, resource }) => {
    if (!resource.startsWith(`arn:aws:s3:::${names.bucket}/`)) return [];
    if (action === 's3:GetObject') return ['kms:Decrypt'];
    if (action !== 's3:PutObject') return [];
    // What S3 has of an upload in parts is encrypted already.
    return isInUpload ? ['kms:GenerateDataKey', 'kms:Decrypt'] : ['kms:GenerateDataKey'];
  });
  const context = { 'kms:ViaService': `s3.${region}.amazonaws.com` };
  return [...needs, ...keyActions.map((action) => ({ action, resource: kmsKeyArn, context }))];
}

export function objectNeeds({ method, url, headers, body }: HttpCall): readonly Need[] {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [bucket = '', ...rest] = decodeURIComponent(pathname).slice(1).split('/');
  const arn = `arn:aws:s3:::${bucket}`;
  const resource = `${arn}/${rest.join('/')}`;
  const on = (action: string) => [{ action: `s3:${action}`, resource }];
  if (method === 'POST' && searchParams.has('delete')) {
    const keys = [...body.toString().matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key);
    return keys.map((key) => ({ action: 's3:DeleteObject', resource: `${arn}/${key}` }));
  }
  if (rest.join('') === '') return [{ action: 's3:ListBucket', resource: arn }];
  const isUpload = searchParams.has('uploadId');
  if (method === 'DELETE') return on(isUpload ? 'AbortMultipartUpload' : 'DeleteObject');
  if (method === 'GET' || method === 'HEAD') {
    return on(isUpload ? 'ListMultipartUploadParts' : 'GetObject');
  }
  const source = headers['x-amz-copy-source'];
  const read = { action: 's3:GetObject', resource: `arn:aws:s3:::${String(source)}` };
  return [...on('PutObject'), ...(source === undefined ? [] : [read])];
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface EmrInput {
  readonly ClusterId?: string;
  readonly JobFlowId?: string;
  readonly JobFlowIds?: readonly string[];
  readonly ServiceRole?: string;
  readonly JobFlowRole?: string;
  readonly AutoTerminationPolicy?: object;
  readonly Tags?: readonly Tag[];
}

const operationOf = ({ headers }: HttpCall): string =>
  String(headers['x-amz-target']).split('.')[1] ?? '';

/** Tags as a policy's conditions name them, e.g. `aws:RequestTag/project`. */
const tagContext = (prefix: string, tags: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));

/** The tags in a request's body. */
export function tagsOf(body: Buffer): Readonly<Record<string, string>> {
  const { Tags = [] } = JSON.parse(body.toString()) as EmrInput;
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
}

export function emrNeeds(call: HttpCall, names: Names, tags: ClusterTags): readonly Need[] {
  const operation = operationOf(call);
  const action = `elasticmapreduce:${operation}`;
  const cluster = (id: string) =>
    `arn:aws:elasticmapreduce:${names.region}:${names.account}:cluster/${id}`;
  const input = JSON.parse(call.body.toString()) as EmrInput;
  if (['ListClusters', 'DescribeSecurityConfiguration'].includes(operation)) {
    return [{ action, resource: '*' }];
  }
  if (operation !== 'RunJobFlow') {
    const ids = input.JobFlowIds ?? [input.ClusterId ?? input.JobFlowId ?? ''];
    return ids.map((id) => ({
      action,
      resource: cluster(id),
      context: tagContext('elasticmapreduce:ResourceTag', tags.get(id)),
    }));
  }
  const context = tagContext('aws:RequestTag', tagsOf(call.body));
  const pass = (resource: string | undefined, service: string) => ({
    action: 'iam:PassRole',
    resource: resource ?? '',
    context: { 'iam:PassedToService': `${service}.amazonaws.com` },
  });
  return [
    { action, resource: '*', context },
    ...(input.Tags === undefined
      ? []
      : [{ action: 'elasticmapreduce:AddTags', resource: cluster('new'), context }]),
    ...(input.AutoTerminationPolicy === undefined
      ? []
      : [{ action: 'elasticmapreduce:PutAutoTerminationPolicy', resource: cluster('new') }]),
    pass(names.emrServiceRoleArn, 'elasticmapreduce'),
    pass(names.emrInstanceRoleArn, 'ec2'),
  ];
}

export function redshiftNeeds(call: HttpCall, names: Names): readonly Need[] {
  const operation = operationOf(call);
  const action = `redshift-data:${operation}`;
  if (!operation.endsWith('ExecuteStatement')) return [{ action, resource: '*' }];
  const input = JSON.parse(call.body.toString()) as {
    readonly SecretArn?: string;
    readonly ClusterIdentifier?: string;
  };
  const isProvisioned = input.ClusterIdentifier !== undefined;
  const warehouse = (isProvisioned ? names.redshiftClusterArn : names.workgroupArn) ?? '';
  const logIn = isProvisioned
    ? {
        action: 'redshift:GetClusterCredentialsWithIAM',
        resource: names.redshiftDatabaseArn ?? '',
      }
    : { action: 'redshift-serverless:GetCredentials', resource: warehouse };
  return [
    { action, resource: warehouse },
    input.SecretArn === undefined
      ? logIn
      : { action: 'secretsmanager:GetSecretValue', resource: input.SecretArn },
  ];
}

/** A call of the Query protocol, to IAM or EC2. */
export function queryNeeds({ body }: HttpCall, names: Names): readonly Need[] {
  const input = new URLSearchParams(body.toString());
  const operation = input.get('Action') ?? '';
  const kinds = { GetRole: 'role', GetInstanceProfile: 'instance-profile' } as const;
  if (operation !== 'GetRole' && operation !== 'GetInstanceProfile') {
    return [{ action: `ec2:${operation}`, resource: '*' }];
  }
  const name = input.get('RoleName') ?? input.get('InstanceProfileName') ?? '';
  const resource = `arn:aws:iam::${names.account}:${kinds[operation]}/${name}`;
  return [{ action: `iam:${operation}`, resource }];
}

export function secretNeeds({ body }: HttpCall): readonly Need[] {
  const { SecretId } = JSON.parse(body.toString()) as { readonly SecretId: string };
  return [{ action: 'secretsmanager:GetSecretValue', resource: SecretId }];
}
