/** infra/cron/run-job.sh, with replacements for Docker, Node and the clock. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobs } from '@user-behaviour/shared/pipeline';
import { describe, expect, it } from 'vitest';
import { FakeCommands } from './fake-commands.ts';

const noon = '2010-12-02T12:00:00Z';
const dayOf = (call: string | undefined) => /--ds=(\S+)/.exec(call ?? '')?.[1];

describe('the day', () => {
  it.each([
    ['2010-12-02T00:00:00Z', '2010-12-01'],
    ['2010-12-02T23:59:59Z', '2010-12-01'],
    ['2012-03-01T00:00:00Z', '2012-02-29'],
    ['2011-01-01T06:00:00Z', '2010-12-31'],
  ])('at %s is %s, in every time zone', async (now, ds) => {
    for (const TZ of ['UTC', 'Pacific/Kiritimati', 'America/Los_Angeles']) {
      using fakes = new FakeCommands(now);
      expect((await fakes.run(['emr-clean'], { TZ })).code).toBe(0);
      expect(dayOf(fakes.calls[0])).toBe(ds);
    }
  });

  it('stays the same in a retry, however late', async () => {
    using fakes = new FakeCommands('2010-12-02T23:59:00Z', [75, 143]);
    await fakes.run(['stage-reviews']);
    expect(fakes.calls.map(dayOf)).toEqual(['2010-12-01', '2010-12-01', '2010-12-01']);
  });

  it('may be one of your choice', async () => {
    using fakes = new FakeCommands(noon);
    await fakes.run(['emr-clean', '--ds=2011-05-01', '--through=2011-05-03']);
    expect(fakes.calls[0]).toMatch(/--log-format=json --ds=2011-05-01 --through=2011-05-03$/);
    expect(fakes.calls[0]?.match(/--ds/g)).toHaveLength(1);
  });

  it('is none for capture-purchases', async () => {
    using fakes = new FakeCommands(noon);
    expect((await fakes.run(['capture-purchases', '--reset'], { DAYS: '7' })).code).toBe(0);
    expect(fakes.calls[0]).toMatch(/capture-purchases:latest --log-format=json --reset$/);
  });

  it('may be the last of several', async () => {
    using fakes = new FakeCommands(noon);
    await fakes.run(['emr-clean'], { DAYS: '7' });
    expect(fakes.calls[0]).toContain('--ds=2010-11-25 --through=2010-12-01');
  });

  it.each([
    ['2010-12-02T00:00:00Z', { SCHEDULE_OFFSET: '0' }, '--ds=2010-12-02'],
    ['2010-12-02T23:59:59Z', { SCHEDULE_OFFSET: '0' }, '--ds=2010-12-02'],
    [noon, { SCHEDULE_OFFSET: '1' }, '--ds=2010-12-01'],
    [noon, { SCHEDULE_OFFSET: '0', DAYS: '2' }, '--ds=2010-12-01 --through=2010-12-02'],
    [noon, { SCHEDULE_OFFSET: '1', DAYS: '08' }, '--ds=2010-11-24 --through=2010-12-01'],
  ])('at %s with %j is %s', async (now, settings, days) => {
    using fakes = new FakeCommands(now);
    expect((await fakes.run(['extract-purchases'], settings)).code).toBe(0);
    expect(fakes.calls[0]?.match(/--ds=\S+( --through=\S+)?/)?.[0]).toBe(days);
  });
});

describe('the exit code', () => {
  it.each([0, 1, 64, 65, 70, 74, 78])('%i is passed on at once', async (code) => {
    using fakes = new FakeCommands(noon, [code]);
    expect((await fakes.run(['redshift-load'])).code).toBe(code);
    expect(fakes.calls).toHaveLength(1);
  });

  it.each([75, 143])('%i is tried again', async (code) => {
    using fakes = new FakeCommands(noon, [code, code]);
    expect((await fakes.run(['redshift-load'])).code).toBe(0);
    expect(fakes.calls).toHaveLength(3);
  });

  it('is that of the job even if the outputs are closed, which the job hears of', () => {
    using fakes = new FakeCommands(noon, [75, 74]);
    const docker = join(fakes.folder, 'docker');
    const script = readFileSync(docker, 'utf8');
    const reports = 'for fd in 1 2; do echo day >&$fd || echo >>"$FAKES/refused"; done';
    writeFileSync(docker, script.replace('read -r', `${reports}\nread -r`));
    const closed = `"${join(import.meta.dirname, '../cron/run-job.sh')}" stage-reviews >&- 2>&-`;
    const PATH = `${fakes.folder}:/usr/local/bin:/usr/bin:/bin`;
    const env = { PATH, HOME: fakes.folder, FAKES: fakes.folder, RETRY_DELAY: '0' };
    expect(spawnSync('/bin/bash', ['-c', closed], { env }).status).toBe(74);
    expect(fakes.calls).toHaveLength(2);
    expect(readFileSync(join(fakes.folder, 'refused'), 'utf8')).toBe('\n'.repeat(4));
  });

  it('of the last try is passed on when all tries failed', async () => {
    using fakes = new FakeCommands(noon, [143, 75, 75, 0]);
    const { code, stderr } = await fakes.run(['redshift-load'], { ATTEMPTS: '3' });
    expect(code).toBe(75);
    expect(fakes.calls).toHaveLength(3);
    expect(stderr).toContain('given up after 3');
  });

  it('is 78 for wrong settings', async () => {
    using fakes = new FakeCommands(noon);
    for (const settings of [
      { RUNNER: 'podman' },
      { ATTEMPTS: '0' },
      { DAYS: 'all' },
      { SCHEDULE_OFFSET: '2' },
      { ENV_FILE: '/nowhere/job.env' },
    ]) {
      const { code, stderr } = await fakes.run(['emr-clean'], settings);
      expect(code).toBe(78);
      expect(stderr).toContain(Object.keys(settings)[0]);
    }
    expect(fakes.calls).toEqual([]);
  });

  it.each([
    [],
    ['emr-claen'],
    ['a-b'],
    ['stage-reviews emr-clean'],
    ['emr-*'],
    ['../emr-clean'],
    ['--ds=2010-12-01'],
  ])('is 64 for %j, which is not a job: no lock, no container', async (...args) => {
    using fakes = new FakeCommands(noon);
    for (const RUNNER of ['docker', 'node']) {
      const { code, stderr } = await fakes.run(args, { RUNNER });
      expect(code).toBe(64);
      expect(stderr).toContain(`not '${args[0] ?? ''}'`);
      for (const job of jobs) expect(stderr).toContain(job);
    }
    expect(fakes.calls).toEqual([]);
    expect(existsSync(join(fakes.folder, '.user-behaviour'))).toBe(false);
  });
});

describe('the ping', () => {
  /** Writes down its arguments and the address that it reads; ends as told. */
  const curl = (ends: string) => `#!/bin/bash
echo "$* < $(cat)" >>"$FAKES/pings"
${ends}
`;
  const pings = (fakes: FakeCommands) => readFileSync(join(fakes.folder, 'pings'), 'utf8').trim();
  const address = { PING_URL: 'https://hc.example.com/secret/' };

  it.each([0, 65])(
    'tells the start and exit code %i, and shows nobody the address',
    async (code) => {
      using fakes = new FakeCommands(noon, [75, code]);
      writeFileSync(join(fakes.folder, 'curl'), curl('exit 0'), { mode: 0o755 });
      const ended = await fakes.run(['emr-clean'], address);
      expect(ended.code).toBe(code);
      expect(ended.stderr).not.toContain('secret');
      expect(pings(fakes).replaceAll(/--.*POST/g, '')).toBe(
        ` < url = "https://hc.example.com/secret/start"\n < url = "https://hc.example.com/secret/${String(code)}"`,
      );
      expect(pings(fakes)).toContain('--max-time 2');
    },
  );

  it.each(['exit 28', 'kill -9 $$'])('changes no exit code when curl does: %s', async (ends) => {
    using fakes = new FakeCommands(noon, [65]);
    writeFileSync(join(fakes.folder, 'curl'), curl(ends), { mode: 0o755 });
    const { code, stderr } = await fakes.run(['emr-clean'], address);
    expect(code).toBe(65);
    expect(stderr).toContain('the ping was not sent: curl ended with');
    expect(fakes.calls).toHaveLength(1);
  });

  it('is not sent without an address', async () => {
    using fakes = new FakeCommands(noon);
    writeFileSync(join(fakes.folder, 'curl'), curl('exit 0'), { mode: 0o755 });
    expect((await fakes.run(['emr-clean'])).code).toBe(0);
    expect(existsSync(join(fakes.folder, 'pings'))).toBe(false);
  });
});

describe('the lock', () => {
  it('keeps a second run of the job out, and no other job', async () => {
    using fakes = new FakeCommands(noon);
    fakes.hold();
    const first = fakes.start(['emr-clean']);
    await fakes.untilCalls(1);
    const second = await fakes.run(['emr-clean'], { LOCK_WAIT: '0' });
    expect(second.code).toBe(75);
    expect(second.stderr).toContain('another run of emr-clean');
    expect(fakes.calls).toHaveLength(1);
    const other = fakes.start(['stage-reviews'], { LOCK_WAIT: '0' });
    await fakes.untilCalls(2);
    fakes.letGo();
    expect((await first.ended).code).toBe(0);
    expect((await other.ended).code).toBe(0);
  });

  it('is waited for', async () => {
    using fakes = new FakeCommands(noon, [0, 65]);
    fakes.hold();
    const first = fakes.start(['emr-clean']);
    await fakes.untilCalls(1);
    const second = fakes.start(['emr-clean'], { LOCK_WAIT: '30' });
    fakes.letGo();
    expect((await first.ended).code).toBe(0);
    expect((await second.ended).code).toBe(65);
    expect(fakes.calls.map(dayOf)).toEqual(['2010-12-01', '2010-12-02']);
  });
});

describe('a signal', () => {
  it('reaches the job, whose end is waited for, and ends the tries', async () => {
    using fakes = new FakeCommands(noon);
    fakes.hold();
    const running = fakes.start(['emr-clean']);
    await fakes.untilCalls(1);
    running.terminate();
    expect((await running.ended).code).toBe(143);
    expect(fakes.calls).toHaveLength(1);
  });

  it('ends the wait between two tries', async () => {
    using fakes = new FakeCommands(noon, [75]);
    const running = fakes.start(['emr-clean'], { RETRY_DELAY: '600' });
    await running.untilSaid('again in 600 s');
    running.terminate();
    expect((await running.ended).code).toBe(143);
    expect(fakes.calls).toHaveLength(1);
  });
});

describe('the command', () => {
  it('is the image, with no more rights than it needs', async () => {
    using fakes = new FakeCommands(noon);
    await fakes.run(['emr-clean', '--wait=2h'], {
      ENV_FILE: '/dev/null',
      DOCKER_OPTIONS: '--network=host -v /srv/reviews:/data:ro',
      IMAGE_PREFIX: 'registry.example.com/user-behaviour/',
      IMAGE_TAG: '1.2.3',
    });
    expect(fakes.calls).toEqual([
      'docker run --rm --init --stop-timeout=40 --read-only --cap-drop=ALL --security-opt=no-new-privileges --memory=512m ' +
        '--env-file /dev/null --network=host -v /srv/reviews:/data:ro ' +
        'registry.example.com/user-behaviour/emr-clean:1.2.3 --ds=2010-12-01 --log-format=json --wait=2h',
    ]);
  });

  it('hands the trace of its caller on to the container, by name', async () => {
    using fakes = new FakeCommands(noon);
    const TRACEPARENT = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    await fakes.run(['emr-clean'], { TRACEPARENT, TRACESTATE: '' });
    expect(fakes.calls[0]?.match(/--env\S*/g)).toEqual(['--env=TRACEPARENT']);
  });

  it('is the bundle without Docker', async () => {
    using fakes = new FakeCommands(noon);
    await fakes.run(['emr-clean'], { RUNNER: 'node', ENV_FILE: '/dev/null', BUNDLES: '/opt/jobs' });
    expect(fakes.calls).toEqual([
      'node --max-semi-space-size=8 --env-file=/dev/null /opt/jobs/emr-clean/dist/main.mjs ' +
        '--ds=2010-12-01 --log-format=json',
    ]);
    await fakes.run(['emr-clean'], { RUNNER: 'node' });
    const bundle = join(import.meta.dirname, '../../packages/emr-clean/dist/main.mjs');
    const [, path = ''] =
      /^node --max-semi-space-size=8 (.*) --ds=/.exec(fakes.calls[1] ?? '') ?? [];
    expect(join(path)).toBe(bundle);
  });
});
