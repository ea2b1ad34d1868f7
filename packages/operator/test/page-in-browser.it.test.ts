/** The page of a generated history in a real browser, from a file: no request, no error, readable by everybody. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawPage } from '../src/page/page.ts';
import { openChromium } from './chromium.ts';
import { generatedHistory } from './generated-history.ts';

const widths = [390, 768, 1_280, 2_560];
const schemes = ['light', 'dark'] as const;

let browser: Browser;
let address: string;

beforeAll(async () => {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'page-')));
  const file = join(folder.path, 'page.html');
  const spenders = [{ customer: '17850', days: 3, amount: 99.5, positive: 2, reviews: 4 }];
  await writeFile(file, drawPage({ ...generatedHistory(374), spenders }));
  address = pathToFileURL(file).href;
  browser = stack.use(await openChromium());
  return () => stack.disposeAsync();
});

async function opened(
  viewport: { readonly width: number; readonly height: number },
  colorScheme: (typeof schemes)[number] = 'light',
): Promise<Page> {
  const page = await browser.newPage({ viewport, colorScheme });
  await page.goto(address);
  return page;
}

describe('the page in a browser', () => {
  it('asks for nothing but itself, and has no error', async () => {
    const page = await browser.newPage();
    const requests: string[] = [];
    const faults: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(address, { waitUntil: 'networkidle' });
    expect(requests).toEqual([address]);
    expect(faults).toEqual([]);
    await page.close();
  });

  it.each(widths)('does not scroll sideways at %i pixels', async (width) => {
    const page = await opened({ width, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.close();
  });

  it.each(schemes)('has no fault of accessibility in the %s scheme', async (scheme) => {
    const page = await opened({ width: 1_280, height: 900 }, scheme);
    await page.goto(`${address}#d2011-11-15`);
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
    // A script element would be refused by the policy of the page.
    await page.evaluate(axe.source);
    const found = await page.evaluate<{ passes: number; violations: unknown[] }>(
      'axe.run().then(({ violations, passes }) => ({ passes: passes.length, violations: violations.map(({ id, nodes }) => [id, nodes.length, nodes[0].html]) }))',
    );
    expect(found.violations).toEqual([]);
    expect(found.passes).toBeGreaterThan(15);
    await page.close();
  });

  it('shows the facts of the day that somebody chooses, and of no other', async () => {
    const page = await opened({ width: 1_280, height: 900 });
    expect(await page.locator('.days section:visible').count()).toBe(0);
    await page.locator('.calendar a[href="#d2011-11-15"]').click();
    expect(await page.locator('.days section:visible h3').allInnerTexts()).toEqual([
      'Tuesday 2011-11-15',
    ]);
    await page.close();
  });
});
