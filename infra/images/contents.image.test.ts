/** The contents of the images, and the privileges of their process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { evaluated, history, inspected, type Program } from './job-container.ts';

const recipe = readFileSync(join(import.meta.dirname, '../docker/job.Dockerfile'), 'utf8');
/** As in tools/image.mjs. */
const base = env['NODE_IMAGE'] ?? /^ARG NODE_IMAGE=(.+)$/m.exec(recipe)?.[1] ?? '';

/** A password in an address, an AWS key, a private key, or the value of a variable named like a secret. */
const secret =
  /:\/\/[^/\s@]*:[^/\s@]*@|A[KS]IA[0-9A-Z]{16}|PRIVATE KEY|(SECRET|PASSWORD|TOKEN)\w*[=:]\s*\S/i;

const bundle = ['main.cjs', 'main.mjs', 'sbom.cdx.json'];
const filesOf = (job: string): readonly string[] => [
  ...[...bundle, 'lineage.cjs', 'readable-log.cjs', 'telemetry.cjs'],
  ...(job === 'extract-purchases' ? ['parquet.cjs'] : []),
];
const contents = (program: Program): readonly string[] => [
  'LICENSE',
  ...(program === 'operator'
    ? [...bundle, ...jobs.flatMap((name) => filesOf(name).map((file) => `jobs/${name}/${file}`))]
    : [...filesOf(program), 'compile.mjs', 'main.{hash}.cache']),
];

describe.each<Program>([...jobs, 'capture-purchases', 'operator'])('the image of %s', (program) => {
  it('contains its bundles, their licences and bills of materials, and nothing else', async () => {
    const list = await evaluated(
      program,
      `for (const entry of fs.readdirSync('/app', { recursive: true, withFileTypes: true }))
         if (entry.isFile()) console.log(path.relative('/app', path.join(entry.parentPath, entry.name)));`,
    );
    const names = list.trim().replace(/\bmain\.[0-9a-f]{16}\.cache\b/, 'main.{hash}.cache');
    expect(names.split('\n').sort()).toEqual(contents(program).toSorted());
  });

  it('runs Node directly, as an unprivileged user, and has labels with its origin', async () => {
    const manifest = readFileSync(
      join(import.meta.dirname, `../../packages/${program}/package.json`),
      'utf8',
    );
    const { version } = JSON.parse(manifest) as { version: string };
    const { Config } = await inspected(`${program}:latest`);
    expect(Config).toMatchObject({
      User: '1000:1000',
      Entrypoint: ['/usr/local/bin/node', '--max-semi-space-size=8', '/app/main.mjs'],
      Labels: {
        'org.opencontainers.image.title': program,
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'MIT',
        'org.opencontainers.image.revision': expect.stringMatching(
          /^[0-9a-f]{40}(-dirty)?$/,
        ) as string,
        'user-behaviour.variables': expect.stringMatching(
          /\bPIPELINE_BUCKET\b.*\bKUBERNETES_JOB_NAME SCHEDULE_OFFSET BACKFILL_FROM JOB_COMPLETION_INDEX\b.*\bTRACEPARENT TRACESTATE\b.*\bOPENLINEAGE_URL\b/,
        ) as string,
      },
    });
  });

  it('contains no secret and no setting of the build machine', async () => {
    const image = `${program}:latest`;
    const { Env, Labels } = (await inspected(image)).Config;
    const names = Env.map((entry) => entry.split('=')[0]);
    expect(
      names.filter((name) => /AWS|SECRET|PASSWORD|TOKEN|DATABASE|BUCKET/.test(name ?? '')),
    ).toEqual([]);
    expect(names).toContain('NODE_ENV');

    const own = (await history(image)).slice(0, -(await history(base)).length);
    expect(own.join()).toContain('/app/main.mjs');
    expect([...own, ...Object.values(Labels)].filter((text) => secret.test(text))).toEqual([]);
  });

  it('adds less than 15 MB to its base image', async () => {
    const over = (await inspected(`${program}:latest`)).Size - (await inspected(base)).Size;
    expect(over).toBeGreaterThan(0);
    expect(over).toBeLessThan(15e6);
  });
});

it.each([
  'postgres://reader:pw@host/retail',
  'AKIAIOSFODNN7EXAMPLE',
  'RUN |1 AWS_SECRET_ACCESS_KEY=abc',
  '-----BEGIN PRIVATE KEY-----',
])('a secret such as %s would be found', (text) => {
  expect(text).toMatch(secret);
});

it('runs a process without privileges that cannot write', async () => {
  const status = await evaluated(
    'extract-purchases',
    `for (const folder of ['/', '/app', '/tmp', process.cwd()]) {
       try { fs.writeFileSync(folder + '/x', ''); console.log(folder); } catch (error) { console.log(error.code); }
     }
     console.log(process.getuid(), process.getgid());
     console.log(/CapEff:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
     console.log(/NoNewPrivs:\\s*(\\d)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);`,
  );
  expect(status).toBe('EROFS\nEROFS\nEROFS\nEROFS\n1000 1000\n0000000000000000\n1\n');
});
