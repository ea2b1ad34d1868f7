/** The system's Chromium: it opens files, and must not need the network. */
import { type Browser, chromium } from 'playwright-core';

export const openChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    // Root may not use the sandbox; the pages are the project's own.
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  });
