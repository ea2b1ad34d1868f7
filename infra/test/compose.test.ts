/** infra/compose.yaml and the file of variables that leads to it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { composeEnv, composeFile, infra, publishedPort, services } from './compose-file.ts';

const root = join(infra, '..');
const text = readFileSync(composeFile, 'utf8');

/** What the Compose Specification's own schema says of a file. */
function check(path: string): { status: number | null; told: string } {
  const program = join(root, '.local/python/bin/check-jsonschema');
  const args = ['--builtin-schema', 'vendor.compose-spec', path];
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error(`${program} is missing; infra/install.sh --dev installs it`, { cause: error });
  }
  return { status, told: stdout + stderr };
}

describe('compose.yaml', () => {
  it('fits the schema of the Compose Specification', () => {
    expect(check(composeFile)).toEqual({
      status: 0,
      told: expect.stringContaining('ok') as string,
    });
  });

  it('would be refused with a key that Compose does not know', () => {
    const wrong = join(tmpdir(), `compose-${process.pid}.yaml`);
    writeFileSync(wrong, text.replace('cap_drop:', 'cap_drops:'));
    const { status, told } = check(wrong);
    rmSync(wrong);
    expect(status).toBe(1);
    expect(told).toContain('cap_drops');
  });

  it('has the servers that the integration tests use, and the two endpoints', () => {
    expect(
      Object.fromEntries(Object.entries(services).map(([name, { image }]) => [name, image])),
    ).toEqual({
      postgres: 'postgres:18',
      localstack: 'localstack/localstack:4.14.0',
      emr: 'user-behaviour/local-cloud',
      redshift: 'user-behaviour/local-cloud',
    });
  });

  it('is reached from this machine only', () => {
    for (const { ports } of Object.values(services)) {
      expect(ports[0]).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('starts each endpoint where the container’s port can reach it', () => {
    for (const name of ['emr', 'redshift'] as const) {
      const { command, build, ports } = services[name];
      expect(command[0]).toBe(`dev/local-${name}/src/main.ts`);
      expect(existsSync(join(root, command[0] ?? ''))).toBe(true);
      expect(command).toContain('--host=0.0.0.0');
      expect(command).toContain(`--port=${String(ports[0].split(':').at(-1))}`);
      const dockerfile = join(infra, build?.context ?? '', build?.dockerfile ?? '');
      expect(readFileSync(dockerfile, 'utf8')).toContain(`COPY dev/local-${name} `);
    }
  });
});

describe('compose-env.sh', () => {
  it('prints the variables of .env.local, with the ports of compose.yaml', async () => {
    const { environmentOf } = z
      .object({
        environmentOf: z.custom<(...args: unknown[]) => Record<string, string>>(
          (value) => typeof value === 'function',
        ),
      })
      .parse(await import(join(root, 'dev/local-cloud/src/environment.ts')));
    const made = composeEnv();
    const expected = environmentOf(
      ['postgres', 's3', 'emr', 'redshift'],
      {
        postgres: publishedPort(services.postgres),
        s3: publishedPort(services.localstack),
        emr: publishedPort(services.emr),
        redshift: publishedPort(services.redshift),
      },
      {
        source: { user: 'postgres', password: /POSTGRES_PASSWORD: (\S+)/.exec(text)?.[1] },
        warehouse: 'none',
      },
      { accessKeyId: made['AWS_ACCESS_KEY_ID'], secretAccessKey: made['AWS_SECRET_ACCESS_KEY'] },
    );
    // The containers serve the Data API alone, not the PostgreSQL protocol.
    const wire = ['HOST', 'PORT', 'USER', 'PASSWORD', 'URL'].map((name) => `REDSHIFT_${name}`);
    for (const name of wire) expect(expected).toHaveProperty(name);
    const served = Object.entries(expected).filter(([name]) => !wire.includes(name));
    expect(made).toEqual(Object.fromEntries(served));
  });

  it('makes another random key pair each time, which the endpoints need', () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = composeEnv();
    expect(AWS_ACCESS_KEY_ID).toMatch(/^LOCAL[A-Z2-7]{15}$/);
    expect(AWS_SECRET_ACCESS_KEY).toMatch(/^[0-9a-f]{40}$/);
    expect(composeEnv()['AWS_SECRET_ACCESS_KEY']).not.toBe(AWS_SECRET_ACCESS_KEY);
    for (const { environment } of [services.emr, services.redshift]) {
      expect(environment).toEqual({
        AWS_ACCESS_KEY_ID: expect.stringMatching(/^\$\{AWS_ACCESS_KEY_ID:\?/) as string,
        AWS_SECRET_ACCESS_KEY: expect.stringMatching(/^\$\{AWS_SECRET_ACCESS_KEY:\?/) as string,
      });
    }
  });
});

describe('the image of the endpoints', () => {
  it('has the Spark and the Java that infra/install.sh installs', () => {
    const dockerfile = readFileSync(join(infra, 'docker/local-cloud.Dockerfile'), 'utf8');
    const installer = readFileSync(join(infra, 'install.sh'), 'utf8');
    for (const file of ['spark/requirements.txt', 'infra/python/java.txt']) {
      expect(dockerfile).toContain(` ${file} `);
      expect(installer).toContain(`$root/${file}`);
    }
  });
});
