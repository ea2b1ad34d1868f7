/**
 * Draws docs/page-*.png, the pictures of the README, from a generated history. It needs Chromium.
 *
 *   node packages/operator/test/page-pictures.ts
 */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { drawPage } from '../src/page/page.ts';
import { openChromium } from './chromium.ts';
import { generatedHistory } from './generated-history.ts';

const folder = join(import.meta.dirname, '../../../docs');

/** `from`: the element at the top of the picture. */
const pictures = [
  { name: 'page-light', scheme: 'light', width: 1_200, height: 800, from: '.wrap' },
  { name: 'page-dark', scheme: 'dark', width: 1_200, height: 950, from: '.pair' },
  { name: 'page-phone', scheme: 'light', width: 390, height: 800, from: '.wrap' },
] as const;

await using browser = await openChromium();
await using work = await mkdtempDisposable(join(tmpdir(), 'page-'));
const file = join(work.path, 'page.html');
await writeFile(file, drawPage(generatedHistory(374)));
for (const { name, scheme, width, height, from } of pictures) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(
    `scrollTo(0, document.querySelector('${from}').getBoundingClientRect().top - 16)`,
  );
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.close();
}
