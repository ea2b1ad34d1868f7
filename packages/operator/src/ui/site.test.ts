/** The site over HTTP: what it refuses, and what its pages say. */
import { mkdtempSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { daysFrom, parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { jobs } from '@user-behaviour/shared/pipeline';
import { journalName } from '../journal/read-journals.ts';
import { type RunningSite, serve } from './server.ts';
import { siteOf } from './site.ts';

const hostile = '<script>alert(1)</script>';
const at = '2026-11-29T07:40:02.000Z';
const [running, ended] = ['20261129T074002Z-2', '20261129T074001Z-1'];

let folder: string;
let site: RunningSite;
const drawPage = vi.fn<() => Promise<string>>();

function written(id: string, first: string, last: string, ...events: readonly object[]): void {
  mkdirSync(join(folder, id));
  const command = `backfill ${first} to ${last}`;
  const ranges = [[first, last]];
  const begin = { event: 'command', at, pid, command, world: 'the moon', ranges };
  const lines = [begin, ...events].map((event) => `${JSON.stringify({ at, ...event })}\n`);
  writeFileSync(join(folder, id, journalName), lines.join(''));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'site-'));
  const history = daysFrom(parseDs('2010-12-01'), parseDs('2011-12-09'));
  const reports = jobs.flatMap((job) => [
    { event: 'start', job, ranges: [['2010-12-01', '2011-12-09']] },
    ...history.map((ds) => ({
      event: 'day',
      job,
      ds,
      run: 'r',
      status: 'published',
      exit: 0,
      rows: 1450,
    })),
  ]);
  written(ended, '2010-12-01', '2011-12-09', ...reports, { event: 'end', exit: 0 });
  const days = { job: 'emr-clean', ranges: [['2010-12-01', '2010-12-02']] };
  const failed = {
    event: 'day',
    job: 'emr-clean',
    ds: '2010-12-01',
    run: 'r',
    status: 'failed',
    exit: 65,
  };
  written(
    running,
    '2010-12-01',
    '2010-12-02',
    { event: 'start', ...days },
    {
      ...failed,
      message: `bad input ${hostile}`,
      action: 'correct the named input',
    },
  );
  const line = (ds: string, msg: string) =>
    `[2026-11-29 07:40:02 UTC] INFO: emr-clean ${ds}${msg}\n`;
  const lines = [
    line('2010-12-01 ', hostile),
    line('2010-12-02 ', 'of another day'),
    line('', 'step added'),
  ];
  writeFileSync(join(folder, running, 'emr-clean.log'), lines.join(''));
  site = await serve(siteOf({ folder, drawPage }), 0);
});
/** A command that is silent for a minute counts as killed. */
beforeEach(() => {
  utimesSync(join(folder, running, journalName), new Date(), new Date());
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Asked {
  readonly method?: string;
  readonly host?: string;
}

function ask(url: string | URL, { method = 'GET', host }: Asked = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const sent = request(url, { method, ...(host !== undefined && { headers: { host } }) });
      sent.on('error', reject).on('response', (response) => {
        const { statusCode = 0, headers } = response;
        text(response).then((body) => {
          resolve({ status: statusCode, headers, body });
        }, reject);
      });
      sent.end();
    },
  );
}
const below = (path: string): string => `${site.url}${path}`;

describe('the site', () => {
  it('listens on this machine only, at an address that nobody guesses', () => {
    expect(site.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/);
  });

  it('answers GET and HEAD, and forbids that anything runs, embeds or keeps it', async () => {
    const { status, headers, body } = await ask(site.url);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(body).toContain('<main>');
    const head = await ask(site.url, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '' });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s', async (method) => {
    const { status, headers } = await ask(site.url, { method });
    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it('refuses the names of others, which a page of the web may have pointed here', async () => {
    const { port } = new URL(site.url);
    for (const host of [
      'example.com',
      `example.com:${port}`,
      '127.0.0.1',
      `127.0.0.1:1${port}`,
      '[::1]',
    ]) {
      expect(await ask(site.url, { host }), host).toMatchObject({ status: 403 });
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      expect(await ask(site.url, { host }), host).toMatchObject({ status: 200 });
    }
  });

  it('has nothing without the secret, and nothing outside', async () => {
    const { origin } = new URL(site.url);
    const wrong = site.url.replace(/.\/$/, (end) => (end === 'A/' ? 'B/' : 'A/'));
    for (const url of [`${origin}/`, `${origin}/page`, `${origin}//`, wrong]) {
      const { status, body } = await ask(url);
      expect([url, status]).toEqual([url, 404]);
      expect(body).not.toContain('backfill');
    }
    const outside = [
      'runs/',
      'runs/x/',
      `runs/${running}/2010-12-01/other`,
      `runs/${running}/2010-13-01/emr-clean`,
    ];
    const upwards = [
      `runs/${running}%2f..%2f${ended}/`,
      `runs/..%2f..%2fpackage.json`,
      'runs//',
      'other',
    ];
    for (const path of [...outside, ...upwards]) {
      expect(await ask(below(path)), path).toMatchObject({ status: 404 });
    }
  });

  it('refuses a port that is in use', async () => {
    const { port } = new URL(site.url);
    const drawn = siteOf({ folder, drawPage });
    await expect(serve(drawn, Number(port))).rejects.toMatchObject({ exit: 78 });
  });
});

describe('a grid', () => {
  it('shows the command that runs, draws it again, and can be stopped from that', async () => {
    const { body } = await ask(site.url);
    expect(body).toContain('<meta http-equiv="refresh" content="3">');
    expect(body).toMatch(/<h2>backfill 2010-12-01 to 2010-12-02<\/h2>/);
    expect(body).toMatch(
      /class="bad" href="[^"]+2010-12-01\/emr-clean"><b aria-hidden="true">✗<\/b> failed/,
    );
    expect(body).toMatch(
      /class="run" href="[^"]+2010-12-02\/emr-clean"><b aria-hidden="true">▶<\/b> running/,
    );
    expect(body.indexOf('>2010-12-02<')).toBeLessThan(body.indexOf('>2010-12-01<'));
    const paused = await ask(below('?paused'));
    expect(paused.body).not.toContain('http-equiv="refresh"');
  });

  it('lists what failed with what to do, escaped', async () => {
    const { body } = await ask(site.url);
    expect(body).toContain('bad input &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).toContain('correct the named input');
    expect(body).not.toContain('<script');
  });

  it('of 374 days has every cell, and less than 75 KB for each stage', async () => {
    const { body } = await ask(below(`runs/${ended}/`));
    expect(Buffer.byteLength(body)).toBeLessThan(75_000 * jobs.length);
    expect(body.match(/<td>/g)?.length).toBeGreaterThanOrEqual(374 * jobs.length);
    expect(body.match(/✓<\/b> done/g)).toHaveLength(374 * jobs.length);
  });

  it('of more days has further pages', async () => {
    const { body } = await ask(below(`runs/${ended}/?before=2010-12-05`));
    expect(body).toContain('<th scope="row">2010-12-04</th>');
    expect(body).not.toContain('<th scope="row">2010-12-05</th>');
  });
});

describe('a cell', () => {
  it('has a page with the lines of its log, escaped, and none of another day', async () => {
    const { status, body } = await ask(below(`runs/${running}/2010-12-01/emr-clean`));
    expect(status).toBe(200);
    expect(body).toContain('emr-clean 2010-12-01 &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).toContain('emr-clean step added');
    expect(body).not.toContain('of another day');
    expect(body).not.toContain('<script');
    expect(body).toContain('<dt>exit code</dt><dd>65</dd>');
  });

  it('says that there is no log yet', async () => {
    const { body } = await ask(below(`runs/${running}/2010-12-01/redshift-load`));
    expect(body).toContain('no line yet');
    expect(body).toContain('waiting');
  });
});

describe('the page about the data', () => {
  it('says why it cannot be drawn, and is drawn once for a while', async () => {
    drawPage.mockRejectedValueOnce(
      new Failure('not-ready', 'the cloud <is> not up', { action: 'make up' }),
    );
    const failed = await ask(below('page'));
    expect(failed.status).toBe(503);
    expect(failed.body).toContain('the cloud &lt;is&gt; not up');
    drawPage.mockResolvedValue('<!doctype html>drawn');
    expect(await ask(below('page'))).toMatchObject({ status: 200, body: '<!doctype html>drawn' });
    await ask(below('page'));
    expect(drawPage).toHaveBeenCalledTimes(2);
  });
});
