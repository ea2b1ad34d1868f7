import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperatorConfiguration } from '../config.ts';
import { requireLocalCloud, tellWorld } from './world.ts';

const server = createServer();
let listening: number;
let closed: number;

beforeAll(async () => {
  const port = async (one: typeof server) => {
    await once(one.listen(0, '127.0.0.1'), 'listening');
    return (one.address() as { port: number }).port;
  };
  listening = await port(server);
  const other = createServer();
  closed = await port(other);
  await once(other.close(), 'close');
});
afterAll(() => {
  server.close();
});

const up = (port: number) => `http://127.0.0.1:${String(port)}`;

describe('the local cloud', () => {
  it('is up where every local address accepts a connection', async () => {
    await requireLocalCloud({
      AWS_ENDPOINT_URL_S3: up(listening),
      SOURCE_DATABASE_URL: `postgres://u:secret@127.0.0.1:${String(listening)}/db`,
    });
  });

  it.each<[string, (port: number) => string]>([
    ['AWS_ENDPOINT_URL_S3', up],
    ['AWS_ENDPOINT_URL_EMR', (port) => `http://localhost:${String(port)}`],
    ['SOURCE_DATABASE_URL', (port) => `postgres://u:secret@127.0.0.1:${String(port)}/db`],
  ])('is down if %s refuses, and no password is told', async (variable, address) => {
    const env = { AWS_ENDPOINT_URL_REDSHIFT_DATA: up(listening), [variable]: address(closed) };
    const failure: unknown = await requireLocalCloud(env).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exit: 75, action: '' });
    expect(String(failure)).toContain('the local cloud is not up: run make up');
    expect(String(failure)).toContain(variable);
    expect(String(failure)).not.toContain('secret');
  });

  it('is up for a command that tells of each service, if one of them answers', async () => {
    const env = { AWS_ENDPOINT_URL_S3: up(closed), AWS_ENDPOINT_URL_EMR: up(listening) };
    await requireLocalCloud(env, 'every');
    const none = requireLocalCloud({ AWS_ENDPOINT_URL_S3: up(closed) }, 'every');
    await expect(none).rejects.toMatchObject({ exit: 75 });
  });

  it('is not asked for where the addresses are elsewhere, or none', async () => {
    await requireLocalCloud({
      AWS_ENDPOINT_URL_S3: 'https://s3.example.com',
      SOURCE_DATABASE_URL: 'postgres://db.example.com/x',
      AWS_ENDPOINT_URL_EMR: '',
      REVIEWS_SOURCE: up(closed),
    });
  });
});

describe('the world of a command', () => {
  const settings = (more: object) =>
    ({
      AWS_REGION: 'eu-west-1',
      PIPELINE_BUCKET: 'stages',
      ...more,
    }) as unknown as OperatorConfiguration;

  it('is the local cloud, by the address of S3', async () => {
    const local = settings({ AWS_ENDPOINT_URL_S3: up(listening) });
    expect(await tellWorld(local, {})).toBe('the local cloud');
  });

  it('is AWS with region and bucket, and with what is known of the account', async () => {
    const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_ACCOUNT_ID'] as const;
    const before = names.map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
    try {
      expect(await tellWorld(settings({}), {})).toBe('AWS, eu-west-1, bucket stages');
      expect(await tellWorld(settings({}), { AWS_PROFILE: 'prod' })).toBe(
        'AWS profile prod, eu-west-1, bucket stages',
      );
      process.env['AWS_ACCOUNT_ID'] = '123456789012';
      expect(await tellWorld(settings({}), {})).toBe(
        'AWS account 123456789012, eu-west-1, bucket stages',
      );
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
  });
});
