/** What docs/contract.md allows a job, and what a recorded call needs of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange } from './proxies/http-front.ts';

/** An IAM action, and where it is on S3 the key that it touches. */
export interface Need {
  readonly action: string;
  readonly key?: string;
}

interface Right {
  readonly actions: readonly string[];
  /** Keys, with `*` for anything. */
  readonly on: readonly string[];
}

const contract = join(import.meta.dirname, '../../../docs/contract.md');

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);

/** `s3:GetObject`, `PutObject` are both actions of S3. */
function actionsOf(cell: string): readonly string[] {
  let service = '';
  return quoted(cell).map((text) => {
    const [first = '', name] = text.split(':');
    if (name !== undefined) service = first;
    return `${service}:${name ?? first}`;
  });
}

/** The rows of the table under "Rights", by job. */
export function documentedRights(job: string): readonly Right[] {
  const [, section = ''] = readFileSync(contract, 'utf8').split('\n## Rights\n');
  const rights: Right[] = [];
  let current = '';
  for (const line of section.split('\n## ')[0]?.split('\n') ?? []) {
    const [, name, allow, on] = line.split('|').map((cell) => cell.trim());
    if (name === undefined || allow === undefined || on === undefined) continue;
    if (name !== '') current = name;
    if (current === job) rights.push({ actions: actionsOf(allow), on: quoted(on) });
  }
  return rights;
}

/** What IAM asks for a call to S3 (service authorization reference, Amazon S3). */
export function s3Need({ method, url }: Exchange): Need {
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

/** What IAM asks for a call of the AWS JSON protocol. */
export function jsonNeed({ headers }: Exchange): Need {
  const [service, operation] = String(headers['x-amz-target']).split('.');
  const prefix = service === 'ElasticMapReduce' ? 'elasticmapreduce' : 'redshift-data';
  return { action: `${prefix}:${String(operation)}` };
}

/** A star stands for anything; nothing else in a pattern is special. */
function covers(pattern: string, key: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return key === pattern;
  return key.startsWith(start) && rest.every((part) => key.slice(start.length).includes(part));
}

export const isAllowed = (rights: readonly Right[], { action, key }: Need): boolean =>
  rights.some(
    ({ actions, on }) =>
      actions.includes(action) && (key === undefined || on.some((pattern) => covers(pattern, key))),
  );
