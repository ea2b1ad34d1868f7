/** The site of `operator ui` in a real browser: usable by everybody, on a phone too, and without an error. */
import { mkdir, mkdtempDisposable, readFile, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';
import { daysFrom, parseDs } from '@user-behaviour/shared/ds';
import { jobs } from '@user-behaviour/shared/pipeline';
import type { Browser } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { journalName } from '../src/journal/read-journals.ts';
import { serve } from '../src/ui/server.ts';
import { siteOf } from '../src/ui/site.ts';
import { openChromium } from './chromium.ts';

const running = '20261129T074002Z-2';
const ended = '20261129T074001Z-1';
const at = '2026-11-29T07:40:02.000Z';

let browser: Browser;
let site: string;
let axe: string;
let journal: string;

/** What axe says of a page. */
interface Findings {
  readonly passes: number;
  readonly violations: readonly unknown[];
}

/** A year of days with each state. */
function events(): readonly object[] {
  const [from, to] = ['2010-12-01', '2011-12-09'];
  const days = daysFrom(parseDs(from), parseDs(to));
  const ranges = [[from, to]];
  const begin = { event: 'command', pid, command: `backfill ${from} to ${to}`, world: 'the moon' };
  const statuses = ['published', 'unchanged', 'failed'];
  const reports = jobs.flatMap((job, index) => [
    { event: 'start', job, ranges },
    ...days.slice(0, 300 - 50 * index).map((ds, n) => {
      const status = statuses[n % 40 === 7 ? 2 : n % 2] ?? '';
      const failure = { exit: 65, message: `a line of ${ds} is malformed`, action: 'correct it' };
      return {
        event: 'day',
        job,
        ds,
        run: 'r',
        status,
        ...(status === 'failed' ? failure : { exit: 0 }),
      };
    }),
    { event: 'retry', job, ranges: [['2010-12-08', '2010-12-08']], seconds: 5 },
  ]);
  return [{ ...begin, ranges }, ...reports].map((event) => ({ at, ...event }));
}

beforeAll(async () => {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'ui-')));
  const journals = { [running]: events(), [ended]: [...events(), { at, event: 'end', exit: 65 }] };
  for (const [id, of] of Object.entries(journals)) {
    await mkdir(join(folder.path, id));
    await writeFile(
      join(folder.path, id, journalName),
      of.map((event) => `${JSON.stringify(event)}\n`).join(''),
    );
  }
  await writeFile(
    join(folder.path, ended, 'emr-clean.log'),
    `[2026-11-29 07:40:02 UTC] INFO: emr-clean 2010-12-01 ${'long '.repeat(200)}\n`.repeat(60),
  );
  journal = join(folder.path, running, journalName);
  const content = { folder: folder.path, drawPage: () => Promise.resolve('') };
  site = stack.use(await serve(siteOf(content), 0)).url;
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  browser = stack.use(await openChromium());
  return () => stack.disposeAsync();
});

/** A command that is silent for a minute counts as killed. */
beforeEach(async () => {
  await utimes(journal, new Date(), new Date());
});

const pages = {
  'the grid of a command that runs': '?paused',
  'the grid of one that has ended': `runs/${ended}/`,
  'a cell': `runs/${ended}/2010-12-01/emr-clean`,
};

describe.each(Object.entries(pages))('%s', (_name, path) => {
  it.each(['light', 'dark'] as const)(
    'has no fault of accessibility in the %s scheme',
    async (colorScheme) => {
      const page = await browser.newPage({ colorScheme });
      await page.goto(`${site}${path}`);
      await page.evaluate(axe);
      const found = await page.evaluate<Findings>(
        'axe.run().then(({ violations, passes }) => ({ passes: passes.length, violations: violations.map(({ id, nodes }) => [id, nodes.length, nodes[0].html]) }))',
      );
      expect(found.violations).toEqual([]);
      expect(found.passes).toBeGreaterThan(15);
      await page.close();
    },
  );

  it.each([390, 1_280])(
    'does not scroll sideways at %i pixels, and asks for nothing but itself',
    async (width) => {
      const page = await browser.newPage({ viewport: { width, height: 844 } });
      const [requests, faults]: [string[], string[]] = [[], []];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => faults.push(message.text()));
      page.on('pageerror', (error) => faults.push(error.message));
      await page.goto(`${site}${path}`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
        width,
      );
      expect(requests).toEqual([`${site}${path}`]);
      expect(faults).toEqual([]);
      await page.close();
    },
  );
});

it('draws a command that runs again by itself, and stops if the reader says so by the keyboard', async () => {
  const page = await browser.newPage();
  const answers: string[] = [];
  page.on('response', (response) => answers.push(response.url()));
  await page.goto(site);
  await expect.poll(() => answers.length, { timeout: 15_000 }).toBeGreaterThan(1);
  await page.getByRole('link', { name: /^Stop drawing/ }).press('Enter');
  await page.waitForURL(/\?paused$/);
  const before = answers.length;
  await page.waitForTimeout(4_000);
  expect(answers).toHaveLength(before);
  await page.close();
});
