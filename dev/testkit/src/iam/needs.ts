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

export function s3Needs({ method, url, headers, body }: HttpCall): readonly Need[] {
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
  if (operation === 'ListClusters') return [{ action, resource: '*' }];
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
  const resource = names.workgroupArn ?? '';
  const { SecretArn } = JSON.parse(call.body.toString()) as { readonly SecretArn?: string };
  return [
    { action, resource },
    SecretArn === undefined
      ? { action: 'redshift-serverless:GetCredentials', resource }
      : { action: 'secretsmanager:GetSecretValue', resource: SecretArn },
  ];
}

export function secretNeeds({ body }: HttpCall): readonly Need[] {
  const { SecretId } = JSON.parse(body.toString()) as { readonly SecretId: string };
  return [{ action: 'secretsmanager:GetSecretValue', resource: SecretId }];
}
