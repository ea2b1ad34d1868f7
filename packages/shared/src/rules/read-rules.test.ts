import { createServer } from 'node:http';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, vi } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { readRules } from './read-rules.ts';

const text = '{"version":1,"rules":[{"parameter":"minQuantity","value":5}]}';
const rules = [{ parameter: 'minQuantity', value: 5 }];
const nowhere = { AWS_REGION: 'eu-west-1' };

async function fromDisk(content: string | Uint8Array) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'rules-'));
  const path = join(folder.path, 'rules.json');
  await writeFile(path, content);
  return await readRules(path, nowhere);
}

it('are read from disk, with or without a byte order mark', async () => {
  expect(await fromDisk(text)).toEqual(rules);
  expect(await fromDisk(`\uFEFF${text}`)).toEqual(rules);
});

it('are refused if they are no text or too large', async () => {
  const utf16 = await failureOf(() => fromDisk(Buffer.from(`\uFEFF${text}`, 'utf16le')));
  expect(utf16).toMatchObject({ exit: 78, message: expect.stringContaining('UTF-8') as string });
  const large = await failureOf(() => fromDisk(`${text}${' '.repeat(1024 ** 2)}`));
  expect(large).toMatchObject({ exit: 78, message: expect.stringContaining('1 MiB') as string });
});

it('name the whole path of a file that cannot be read', async () => {
  const missing = await failureOf(() => readRules('no/rules.json', nowhere));
  expect(missing.exit).toBe(78);
  expect(missing.message).toContain(resolve('no/rules.json'));
  expect(missing.message).toContain('ENOENT');
  expect((await failureOf(() => readRules('.', nowhere))).exit).toBe(78);
});

/** Reads an object from a server that gives this answer. */
async function fromServer(status: number, body: string) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  try {
    const settings = { ...nowhere, AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${String(port)}` };
    const found = await readRules('s3://settings/of/rules.json', settings);
    expect(asked).toEqual(['/settings/of/rules.json?x-id=GetObject']);
    return found;
  } finally {
    vi.unstubAllEnvs();
    server.close();
    server.closeAllConnections();
  }
}

const s3Error = (code: string) => `<Error><Code>${code}</Code><Message>none</Message></Error>`;

it('are read from S3', async () => {
  expect(await fromServer(200, text)).toEqual(rules);
});

it.each([
  [404, 'NoSuchKey', 78],
  [404, 'NoSuchBucket', 78],
  [403, 'AccessDenied', 78],
  [503, 'SlowDown', 75],
])('in S3 that answers %i %s end with %i and name RULES', async (status, code, exit) => {
  const failure = await failureOf(() => fromServer(status, s3Error(code)));
  expect(failure.exit).toBe(exit);
  expect(failure.message).toContain('s3://settings/of/rules.json (RULES)');
});
