/** Certificates, injection through names, and the privileges that the job needs. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BundledJob, bundleJob, type Ended } from '@user-behaviour/testkit/bundled-job';
import { type Certificate, selfSigned } from '@user-behaviour/testkit/proxies/certificate';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { startTlsProxy } from '@user-behaviour/testkit/proxies/tls-proxy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertRow, openFixture, type Fixture } from './fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const day = '--ds=2010-12-01';

/** Runs the job through a TLS proxy in front of the source or the bucket. */
async function runOverTls(
  fixture: Fixture,
  before: 'source' | 'bucket',
  certificate: Certificate,
  authority?: Certificate,
): Promise<Ended> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'authority-'));
  const file = join(folder.path, 'ca.pem');
  if (authority !== undefined) await writeFile(file, authority.cert);
  const source = fixture.env['SOURCE_DATABASE_URL'] ?? '';
  const bucket = fixture.env['AWS_ENDPOINT_URL_S3'] ?? '';
  await using front = await startTlsProxy(
    before === 'source' ? source : bucket,
    certificate,
    before === 'source' ? 'postgres' : 'plain',
  );
  const port = String(front.port);
  const ended = await job.run(
    before === 'source'
      ? {
          ...fixture.env,
          SOURCE_DATABASE_URL: `${Object.assign(new URL(source), { port }).href}?sslmode=verify-full`,
          ...(authority === undefined ? {} : { SOURCE_DATABASE_CA_FILE: file }),
        }
      : {
          ...fixture.env,
          AWS_ENDPOINT_URL_S3: `https://127.0.0.1:${port}`,
          ...(authority === undefined ? {} : { NODE_EXTRA_CA_CERTS: file }),
        },
    day,
  );
  if (ended.code === 0) expect(front.accepted()).toBeGreaterThan(0);
  return ended;
}

describe.each(['source', 'bucket'] as const)('the certificate of the %s', (before) => {
  const own = selfSigned('127.0.0.1');

  it('is rejected if its authority is unknown, and accepted if the authority is configured', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:00'));
    const refused = await runOverTls(fixture, before, own);
    expect(refused.summaries).toMatchObject([{ kind: 'configuration', exit: 78 }]);
    expect(refused.summaries[0]?.['message']).toMatch(/self.signed certificate/i);
    expect(refused.summaries[0]?.['action']).toMatch(/_CA_FILE|NODE_EXTRA_CA_CERTS/);
    expect(await fixture.bucket.keys()).toEqual([]);
    const accepted = await runOverTls(fixture, before, own, own);
    expect(accepted.summaries).toMatchObject([{ status: 'published', rows: 1 }]);
  });

  it('is rejected if it belongs to another host or another authority', async () => {
    await using fixture = await openFixture(cloud);
    const other = selfSigned('db.example');
    for (const ended of [
      await runOverTls(fixture, before, other, other),
      await runOverTls(fixture, before, own, selfSigned('127.0.0.1')),
    ]) {
      expect(ended.summaries).toMatchObject([{ kind: 'configuration', exit: 78 }]);
    }
    expect(await fixture.bucket.keys()).toEqual([]);
  });
});

describe('a name that attempts an injection into SQL or a shell', () => {
  it.each([`a"b'; drop schema retail cascade; --`, 'c$(touch x)`touch y`', 'd é%41\\'])(
    'is safe as the name of a database: %s',
    async (odd) => {
      await using fixture = await openFixture(cloud);
      await fixture.database.query(insertRow('2010-12-01 08:00'));
      const quoted = `"${odd.replaceAll('"', '""')}"`;
      await using server = await openFixture(cloud, { table: false });
      await server.database.query(`create database ${quoted} template ${fixture.database.name}`);
      try {
        const url = new URL(fixture.database.url);
        url.pathname = `/${encodeURIComponent(odd)}`;
        const { code, summaries } = await job.run(
          { ...fixture.env, SOURCE_DATABASE_URL: url.href },
          day,
        );
        expect(summaries).toMatchObject([{ status: 'published', rows: 1 }]);
        expect(code).toBe(0);
      } finally {
        await server.database.query(`drop database ${quoted} with (force)`);
      }
    },
  );

  it.each([
    ['--ds', "2010-12-01' or 1=1 --"],
    ['--through', '2010-12-02$(touch x)'],
    ['--run-id', '../other'],
  ])('is rejected as the value of %s: %j', async (option, value) => {
    const options = option === '--ds' ? [] : [day];
    const { code, log } = await job.run({}, ...options, `${option}=${value}`);
    expect(code).toBe(64);
    expect(JSON.stringify(log)).toContain(option);
  });

  it.each([
    ['PIPELINE_BUCKET', "b'; drop table x"],
    ['AWS_REGION', 'eu-west-1.evil.example/'],
    ['MIN_QUANTITY', '2 or true'],
    ['SOURCE_STATEMENT_TIMEOUT', "1s' -c log_statement=all"],
    ['AWS_ENDPOINT_URL_S3', 'file:///etc/passwd'],
  ])('is rejected as the value of the variable %s: %j', async (variable, value) => {
    const env = { PIPELINE_BUCKET: 'b-b', AWS_REGION: 'eu-west-1', [variable]: value };
    const { code, log } = await job.run(env, day);
    expect(code).toBe(78);
    expect(JSON.stringify(log)).toContain(`${variable} is wrong`);
    expect(JSON.stringify(log)).not.toContain(JSON.stringify(value).slice(1, -1));
  });
});

describe('the privileges at the source', () => {
  /** Runs `use` with the address of a role that has only what docs/contract.md lists. */
  async function asReader(fixture: Fixture, use: (url: string, role: string) => Promise<void>) {
    const role = `reader_${fixture.database.name}`;
    await fixture.database.query(
      `create role ${role} login password 'secret' nosuperuser nocreatedb nocreaterole;
       grant usage on schema retail to ${role}; grant select on retail.user_purchase to ${role};
       revoke all on schema public from public`,
    );
    try {
      const url = new URL(fixture.database.url);
      await use(Object.assign(url, { username: role, password: 'secret' }).href, role);
    } finally {
      await fixture.database.query(`drop owned by ${role}; drop role ${role}`);
    }
  }

  it('that docs/contract.md lists are sufficient: usage on the schema, select on the table', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:00'));
    await asReader(fixture, async (url) => {
      const { code, summaries } = await job.run({ ...fixture.env, SOURCE_DATABASE_URL: url }, day);
      expect(summaries).toMatchObject([{ status: 'published', rows: 1 }]);
      expect(code).toBe(0);
    });
  });

  it.each(['using (false)', 'using (true)', undefined])(
    'are not sufficient if row-level security applies, with a policy %s',
    async (policy) => {
      await using fixture = await openFixture(cloud);
      await fixture.database.query(insertRow('2010-12-01 08:00'));
      await asReader(fixture, async (url, role) => {
        const env = { ...fixture.env, SOURCE_DATABASE_URL: url };
        await fixture.database.query('alter table retail.user_purchase enable row level security');
        if (policy !== undefined) {
          await fixture.database.query(
            `create policy hide on retail.user_purchase for select to ${role} ${policy}`,
          );
        }
        const refused = await job.run(env, day);
        expect(refused.summaries).toMatchObject([{ kind: 'configuration', exit: 78 }]);
        expect(refused.summaries[0]?.['message']).toContain('row-level security');
        expect(refused.summaries[0]?.['action']).toContain('bypassrls');
        expect(await fixture.bucket.keys()).toEqual([]);
        expect((await job.run(env, '--check')).code).toBe(78);
        await fixture.database.query(`alter role ${role} bypassrls`);
        const accepted = await job.run(env, day);
        expect(accepted.summaries).toMatchObject([{ status: 'published', rows: 1 }]);
      });
    },
  );
});
