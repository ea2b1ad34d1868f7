/** Draws docs/page-*.png, the pictures of README, of a generated history: node packages/operator/test/page-pictures.ts */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { drawPage } from '../src/page/page.ts';
import { openChromium } from './chromium.ts';
import { generatedHistory } from './generated-history.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, '../../../docs');
const day = '2011-11-15';

const pictures = [
  { name: 'page-light', scheme: 'light', width: 1_280, height: 1_330 },
  { name: 'page-dark', scheme: 'dark', width: 1_280, height: 1_330 },
  { name: 'page-phone', scheme: 'light', width: 390, height: 1_330 },
] as const;

await using browser = await openChromium();
await using work = await mkdtempDisposable(join(tmpdir(), 'page-'));
const file = join(work.path, 'page.html');
await writeFile(file, drawPage(generatedHistory(374)));
for (const { name, scheme, width, height } of pictures) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  await page.goto(`${pathToFileURL(file).href}#d${day}`);
  await page.evaluate('scrollTo(0, 0)');
  await page.screenshot({
    path: join(folder, `${name}.png`),
    fullPage: process.argv[2] !== undefined,
  });
  await page.close();
}
