/** Which requests S3, Secrets Manager, STS and the JSON endpoints refuse, and with which AWS errors. */
import { afterAll, describe, expect, it } from 'vitest';
import { startJsonEndpoint } from '../src/endpoint/json-endpoint.ts';
import { scriptFaults } from '../src/endpoint/script-faults.ts';
import { keyPairOf, newKeyPair } from '../src/key-pair.ts';
import { startLocalCloud } from '../src/local-cloud.ts';
import { scratchFolder } from './scratch.ts';
import {
  announced,
  type Call,
  type Change,
  digested,
  errorCode,
  exchange,
  exchangeRaw,
  jsonCall,
  putObject,
  sendWithoutEnd,
} from './signed-exchange.ts';

const folder = await scratchFolder();
const allowedHosts = ['s3.test'];
const cloud = await startLocalCloud({
  ...{ stateDir: folder.path, services: ['s3'], ports: {}, allowedHosts },
});
const keys = keyPairOf(cloud.env);
const signer = { keys, signingName: 'tiny' };
const tiny = {
  ...{ targetPrefix: 'Tiny', host: '127.0.0.1', port: 0, signer },
  operations: { Ping: () => ({ answer: 'pong' }) },
};
const endpoint = await startJsonEndpoint({ ...tiny, allowedHosts });
afterAll(async () => {
  await endpoint.close();
  await cloud[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const s3 = putObject(cloud.env, 'script.py', 'a script');
const json = jsonCall(endpoint.url, 'tiny', 'Tiny.Ping', cloud.env);
const calls: Readonly<Record<string, Call>> = {
  S3: s3,
  'Secrets Manager': jsonCall(
    s3.url.href,
    'secretsmanager',
    'secretsmanager.ListSecrets',
    cloud.env,
  ),
  STS: {
    ...{ ...s3, method: 'POST', target: '/', signingName: 'sts' },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=GetCallerIdentity&Version=2011-06-15',
  },
  'a JSON endpoint': json,
};

const minutes = (count: number) => new Date(Date.now() + count * 60_000);
const stranger = newKeyPair();

const changes: Readonly<Record<string, Change>> = {
  'no signature': { later: { authorization: undefined } },
  'another algorithm': { later: { authorization: 'AWS key:signature' } },
  'another key': { keys: stranger },
  'another secret': { keys: { ...keys, secretAccessKey: stranger.secretAccessKey } },
  'another body': { body: '{"a": 1}' },
  'a header that is not signed': { later: { 'x-amz-more': '1' } },
  'an old date': { date: minutes(-16) },
  'a date to come': { date: minutes(16) },
  'a foreign Host': { headers: { host: 'attacker.example' } },
  'the Host of another port': { headers: { host: '127.0.0.1:1' } },
  'a Host with a loopback name in front': { headers: { host: '127.0.0.1.attacker.example' } },
  'an Origin': { headers: { origin: 'http://localhost' } },
};

type Answers = readonly (readonly [status: number, code: string])[];
const times = (count: number, status: number, code: string): Answers =>
  Array.from({ length: count }, () => [status, code]);

/** The replies to these changes, in their order. */
const expected: Readonly<Record<string, Answers>> = {
  S3: [
    [403, 'AccessDenied'],
    [400, 'InvalidRequest'],
    [403, 'InvalidAccessKeyId'],
    [403, 'SignatureDoesNotMatch'],
    [400, 'XAmzContentSHA256Mismatch'],
    [403, 'AccessDenied'],
    ...times(2, 403, 'RequestTimeTooSkewed'),
    ...times(4, 403, 'AccessDenied'),
  ],
  'Secrets Manager': [
    [400, 'UnrecognizedClientException'],
    [400, 'IncompleteSignatureException'],
    [400, 'UnrecognizedClientException'],
    ...times(2, 400, 'InvalidSignatureException'),
    [403, 'AccessDeniedException'],
    ...times(2, 400, 'InvalidSignatureException'),
    ...times(4, 403, 'AccessDeniedException'),
  ],
  STS: [
    [403, 'MissingAuthenticationToken'],
    [400, 'IncompleteSignature'],
    [403, 'InvalidClientTokenId'],
    ...times(2, 403, 'SignatureDoesNotMatch'),
    [403, 'AccessDenied'],
    ...times(2, 403, 'SignatureDoesNotMatch'),
    ...times(4, 403, 'AccessDenied'),
  ],
  'a JSON endpoint': [
    [403, 'MissingAuthenticationTokenException'],
    [400, 'IncompleteSignatureException'],
    [403, 'UnrecognizedClientException'],
    ...times(5, 403, 'InvalidSignatureException'),
    ...times(4, 403, 'AccessDeniedException'),
  ],
};

describe.each(Object.entries(calls))('%s', (name, call) => {
  it('answers what is signed, without a permission for web pages', async () => {
    for (const host of [call.url.host, `localhost:${call.url.port}`, 's3.test:80']) {
      const reply = await exchange(call, { headers: { host } });
      expect(reply).toMatchObject({ status: 200 });
      expect(Object.keys(reply.headers).join()).not.toContain('access-control');
    }
  });

  it.each(Object.keys(changes).map((what, at) => [what, at] as const))(
    'refuses %s',
    async (what, at) => {
      const reply = await exchange(call, changes[what]);
      expect([reply.status, errorCode(reply)]).toEqual(expected[name]?.[at]);
      // By it an SDK corrects a wrong clock.
      expect(Date.parse(reply.headers.date ?? '')).toBeGreaterThan(Date.now() - 60_000);
    },
  );
});

describe.each([
  ['S3', s3.url, '/_ministack/health'],
  ['a JSON endpoint', json.url, '/health'],
])('the health address of %s', (_name, url, path) => {
  it('needs no signature, but a Host of this machine', async () => {
    const ask = async (headers: Readonly<Record<string, string>>) =>
      (await exchangeRaw(url, 'GET', path, headers)).status;
    expect(await ask({})).toBe(200);
    expect(await ask({ host: 'attacker.example' })).toBe(403);
    expect(await ask({ origin: 'http://attacker.example' })).toBe(403);
  });
});

describe('S3', () => {
  it('writes nothing of a refused request', async () => {
    expect((await exchange(putObject(cloud.env, 'kept', 'good'))).status).toBe(200);
    for (const change of Object.values(changes)) {
      const reply = await exchange(putObject(cloud.env, 'kept', 'evil'), change);
      expect(reply.status).not.toBe(200);
    }
    const read = { ...putObject(cloud.env, 'kept', ''), method: 'GET' };
    expect((await exchange(read)).body).toBe('good');
  });

  it('refuses a payload of an unknown kind, or of none', async () => {
    const unknown = { headers: { 'x-amz-content-sha256': 'E3B0' } };
    expect(errorCode(await exchange(s3, unknown))).toBe('InvalidArgument');
    expect(errorCode(await exchange({ ...s3, headers: {} }))).toBe('InvalidRequest');
  });

  it('refuses a large body, and the client learns why', async () => {
    const large = digested('x'.repeat(8 * 2 ** 20));
    const reply = await exchange({ ...s3, ...large }, { keys: stranger });
    expect(errorCode(reply)).toBe('InvalidAccessKeyId');
  });

  it('asks for a body that was announced with Expect, unless it refuses the request', async () => {
    const call = putObject(cloud.env, 'announced', 'a body');
    expect(await announced(call)).toEqual({ asked: true, status: 200 });
    expect((await exchange({ ...call, method: 'GET', ...digested('') })).body).toBe('a body');
    expect(await announced(call, { keys: stranger })).toEqual({ asked: false, status: 403 });
    const unsigned = { later: { authorization: undefined } };
    expect(await announced(call, unsigned)).toEqual({ asked: false, status: 403 });
  });

  it('reads only some megabytes of what it refuses', async () => {
    const sent = await sendWithoutEnd(s3.url, s3.target);
    expect(sent).toBeGreaterThan(2 ** 20);
    expect(sent).toBeLessThan(2 ** 27);
  });

  it('refuses the other addresses of ministack, and a preflight', async () => {
    for (const path of ['/_ministack/reset', '/health', '/_ministack/config']) {
      expect((await exchangeRaw(s3.url, 'POST', path, {})).status).toBe(403);
    }
    expect((await exchangeRaw(s3.url, 'OPTIONS', s3.target, {})).status).toBe(403);
  });
});

describe('/_faults', () => {
  const fault = { kind: 'error', operation: 'Ping', code: 'ThrottlingException' };

  it('is unknown to an endpoint that was not started for it', async () => {
    await expect(scriptFaults(endpoint.url, signer, fault)).rejects.toThrow('--take-faults');
    const reply = await exchange({ ...json, target: '/_faults', body: JSON.stringify(fault) });
    expect(reply.status).toBe(404);
    expect((await exchange(json)).status).toBe(200);
  });

  it('needs a signature', async () => {
    const taking = await startJsonEndpoint({ ...tiny, takesFaults: true });
    try {
      const url = new URL(taking.url);
      const body = JSON.stringify(fault);
      expect((await exchangeRaw(url, 'POST', '/_faults', {}, body)).status).toBe(403);
      expect((await exchange({ ...json, url })).status).toBe(200);
      await scriptFaults(taking.url, signer, fault);
      expect(errorCode(await exchange({ ...json, url }))).toBe('ThrottlingException');
    } finally {
      await taking.close();
    }
  });
});
