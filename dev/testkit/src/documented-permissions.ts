/** The permissions that docs/contract.md grants a job, and the one that a recorded call needs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpCall } from './proxies/http-proxy.ts';

/** An IAM action and, for S3, the key that it affects. */
export interface Need {
  readonly action: string;
  readonly key?: string;
}

interface Permission {
  readonly actions: readonly string[];
  /** Keys; `*` matches anything. */
  readonly on: readonly string[];
}

const contract = join(import.meta.dirname, '../../../docs/contract.md');

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

/** The actions in a cell. In `s3:GetObject`, `PutObject` both are actions of S3. */
function actionsOf(cell: string): readonly string[] {
  let service = '';
  return quoted(cell).map((text) => {
    const [first = '', name] = text.split(':');
    if (name !== undefined) service = first;
    return `${service}:${name ?? first}`;
  });
}

/** The job's rows in the table under "Rights". */
export function documentedPermissions(job: string): readonly Permission[] {
  const [, section = ''] = readFileSync(contract, 'utf8').split('\n## Rights\n');
  const permissions: Permission[] = [];
  let current = '';
  for (const line of section.split('\n## ')[0]?.split('\n') ?? []) {
    const [, name, allow, on] = line.split('|').map((cell) => cell.trim());
    if (name === undefined || allow === undefined || on === undefined) continue;
    if (name !== '') current = name;
    if (current === job) permissions.push({ actions: actionsOf(allow), on: quoted(on) });
  }
  return permissions;
}

/** The permission that IAM requires for a call to S3 (service authorization reference, Amazon S3). */
export function s3Need({ method, url }: HttpCall): Need {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const key = decodeURIComponent(pathname.split('/').slice(2).join('/'));
  if (key === '' && method === 'GET') return { action: 's3:ListBucket' };
  if (method === 'POST' && searchParams.has('delete')) return { action: 's3:DeleteObject' };
  if (method === 'DELETE') {
    const upload = searchParams.has('uploadId');
    return { action: upload ? 's3:AbortMultipartUpload' : 's3:DeleteObject', key };
  }
  return { action: method === 'GET' || method === 'HEAD' ? 's3:GetObject' : 's3:PutObject', key };
}

/** The permission that IAM requires for a call of the AWS JSON protocol. */
export function jsonNeed({ headers }: HttpCall): Need {
  const [service, operation] = String(headers['x-amz-target']).split('.');
  const prefix = service === 'ElasticMapReduce' ? 'elasticmapreduce' : 'redshift-data';
  return { action: `${prefix}:${String(operation)}` };
}

/** Whether the pattern matches; only `*` is special. */
function covers(pattern: string, key: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return key === pattern;
  return key.startsWith(start) && rest.every((part) => key.slice(start.length).includes(part));
}

export const isAllowed = (permissions: readonly Permission[], { action, key }: Need): boolean =>
  permissions.some(
    ({ actions, on }) =>
      actions.includes(action) && (key === undefined || on.some((pattern) => covers(pattern, key))),
  );
