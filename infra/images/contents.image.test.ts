/** What an image holds and how its process may live. */
import { describe, expect, it } from 'vitest';
import { evaluated, imageConfig, jobs } from './job-container.ts';

describe.each(jobs)('the image of %s', (job) => {
  it('holds one file to run, its licences and its contents, and nothing else', async () => {
    const list = await evaluated(job, "console.log(fs.readdirSync('/app').sort().join())");
    expect(list).toMatch(
      /^LICENSE,compile.mjs,main\.[0-9a-f]{16}\.cache,main.cjs,main.mjs,sbom.cdx.json\n$/,
    );
  });

  it('runs Node itself, as nobody in particular, and tells what it was made of', async () => {
    expect(await imageConfig(job)).toMatchObject({
      User: '1000:1000',
      Entrypoint: ['/usr/local/bin/node', '--max-semi-space-size=8', '/app/main.mjs'],
      Labels: {
        'org.opencontainers.image.title': job,
        'org.opencontainers.image.version': '0.1.0',
        'org.opencontainers.image.licenses': 'MIT',
        'org.opencontainers.image.revision': expect.stringMatching(
          /^[0-9a-f]{40}(-dirty)?$/,
        ) as string,
        'user-behaviour.variables': expect.stringMatching(
          /\bPIPELINE_BUCKET\b.*\bKUBERNETES_JOB_NAME BACKFILL_FROM JOB_COMPLETION_INDEX$/,
        ) as string,
      },
    });
  });

  it('holds no secret and no setting of the machine that built it', async () => {
    const { Env } = await imageConfig(job);
    const names = (Env as string[]).map((entry) => entry.split('=')[0]);
    expect(
      names.filter((name) => /AWS|SECRET|PASSWORD|TOKEN|DATABASE|BUCKET/.test(name ?? '')),
    ).toEqual([]);
    expect(names).toContain('NODE_ENV');
  });
});

it('is a process without rights that cannot write', async () => {
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
