/** The ways to sign a request to S3, besides one header over the digest of the body. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, describe, expect, it } from 'vitest';
import { sign } from '../src/endpoint/signature.ts';
import { defaultPython } from '../src/installation.ts';
import { keyPairOf } from '../src/key-pair.ts';
import { startLocalCloud } from '../src/local-cloud.ts';
import { scratchFolder } from './scratch.ts';
import { errorCode, exchange, exchangeRaw, putObject } from './signed-exchange.ts';

const folder = await scratchFolder();
const cloud = await startLocalCloud({ stateDir: folder.path, services: ['s3'], ports: {} });
afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const keys = keyPairOf(cloud.env);
const { url, target } = putObject(cloud.env, 'object', '');
const signer = new SignatureV4({
  ...{ credentials: keys, service: 's3', region: 'us-east-1', uriEscapePath: false },
  sha256: Hash.bind(null, 'sha256'),
});
const stored = async () =>
  (await exchange({ ...putObject(cloud.env, 'object', ''), method: 'GET' })).body;

describe('a presigned URL', () => {
  /** Writes the object by a URL that is valid for a minute, `age` seconds after it was made. */
  async function put(age: number, change = (query: URLSearchParams) => query) {
    const signed = await signer.presign(
      {
        ...{ method: 'PUT', protocol: 'http:', hostname: url.hostname, path: target },
        headers: { host: url.host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      },
      {
        ...{ expiresIn: 60, signingDate: new Date(Date.now() - age * 1_000) },
        hoistableHeaders: new Set(['x-amz-content-sha256']),
      },
    );
    const query = change(new URLSearchParams(signed.query as Record<string, string>));
    return exchangeRaw(url, 'PUT', `${target}?${query.toString()}`, {}, `by URL, ${String(age)}`);
  }

  it('is taken until it expires', async () => {
    expect((await put(50)).status).toBe(200);
    expect(await stored()).toBe('by URL, 50');
    const late = await put(61);
    expect([late.status, errorCode(late)]).toEqual([403, 'AccessDenied']);
    expect(late.body).toContain('Request has expired');
    const early = await put(-16 * 60);
    expect(early.body).toContain('Request is not yet valid');
  });

  it.each([
    ['X-Amz-Expires', '3600', 'SignatureDoesNotMatch'],
    ['X-Amz-Expires', '604801', 'AuthorizationQueryParametersError'],
    ['X-Amz-Expires', '', 'AuthorizationQueryParametersError'],
    ['X-Amz-Signature', '0'.repeat(64), 'SignatureDoesNotMatch'],
    ['X-Amz-Credential', 'no key', 'AuthorizationQueryParametersError'],
    ['x-id', 'DeleteObject', 'SignatureDoesNotMatch'],
  ])('with %s=%s is refused', async (name, value, code) => {
    const reply = await put(0, (query) => {
      query.set(name, value);
      return query;
    });
    expect(errorCode(reply)).toBe(code);
  });
});

describe('chunks with signatures', () => {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');

  /** Writes the object in signed chunks; sends `sent` instead of them. */
  async function put(chunks: readonly string[], sent = chunks) {
    const date = new Date();
    const headers = {
      host: url.host,
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      'x-amz-decoded-content-length': String(chunks.join('').length),
    };
    const unsigned = { method: 'PUT', target, headers, body: '' };
    const seed = await sign(unsigned, { keys, signingName: 's3' }, 'us-east-1', date);
    let previous = /Signature=(.*)$/.exec(seed.headers['authorization'] ?? '')?.[1] ?? '';
    const amzDate = seed.headers['x-amz-date'] ?? '';
    const scope = `${amzDate.slice(0, 8)}/us-east-1/s3/aws4_request`;
    let body = '';
    for (const [at, chunk] of [...chunks, ''].entries()) {
      const lines = ['AWS4-HMAC-SHA256-PAYLOAD', amzDate, scope, previous, hash(''), hash(chunk)];
      previous = await signer.sign(lines.join('\n'), { signingDate: date });
      const text = sent[at] ?? '';
      body += `${text.length.toString(16)};chunk-signature=${previous}\r\n${text}\r\n`;
    }
    return exchangeRaw(url, 'PUT', target, seed.headers, body);
  }

  it('are taken, unless one was changed', async () => {
    expect((await put(['one ', 'two'])).status).toBe(200);
    expect(await stored()).toBe('one two');
    expect(errorCode(await put(['one ', 'two'], ['one ', '222']))).toBe('SignatureDoesNotMatch');
    expect(await stored()).toBe('one two');
  });
});

it('a body that is not signed is taken, and a bucket in the Host', async () => {
  const call = putObject(cloud.env, 'object', 'free');
  const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  expect((await exchange({ ...call, headers }, { body: 'changed' })).status).toBe(200);
  expect(await stored()).toBe('changed');
  const host = `${cloud.env['PIPELINE_BUCKET'] ?? ''}.localhost:${url.port}`;
  const byName = { ...putObject(cloud.env, '', 'by name'), target: '/object' };
  expect((await exchange(byName, { headers: { host } })).status).toBe(200);
  expect(await stored()).toBe('by name');
});

it('boto3 works: trailers, parts, URLs, credentials of a role', async () => {
  const script = join(import.meta.dirname, 'real-clients.py');
  const { stdout } = await promisify(execFile)(defaultPython, [script], { env: cloud.env });
  const yes = Array.from({ length: 6 }, () => true);
  expect(JSON.parse(stdout)).toEqual([...yes, 6 * 2 ** 20, 'two']);
});
