import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { openBrowser, openerOf } from './open-browser.ts';

const url = 'http://127.0.0.1:4200/secret/';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'browser-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

it.each([
  [{}, 'linux', undefined],
  [{ DISPLAY: '' }, 'linux', undefined],
  [{ DISPLAY: ':0' }, 'linux', 'xdg-open'],
  [{ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', 'xdg-open'],
  [{}, 'darwin', 'open'],
  [{ DISPLAY: ':0' }, 'win32', undefined],
] as const)('with %j on %s, a file is opened by %s', (environment, platform, expected) => {
  expect(openerOf(environment, platform)).toBe(expected);
});

it('gives the address to the browser in a file of this user alone', async () => {
  const folder = scratch();
  const opener = join(folder, 'opener');
  writeFileSync(opener, `#!/bin/sh\necho "$@" > "${join(folder, 'opened')}"\n`, { mode: 0o755 });
  const file = join(folder, `ui-${String(pid)}.html`);
  {
    using _file = openBrowser(url, opener, folder);
    await expect.poll(() => existsSync(join(folder, 'opened'))).toBe(true);
    await expect.poll(() => readFileSync(join(folder, 'opened'), 'utf8')).not.toBe('');
    const opened = readFileSync(join(folder, 'opened'), 'utf8').trim();
    expect(opened).not.toContain('secret');
    expect(fileURLToPath(opened)).toBe(file);
    expect(readFileSync(file, 'utf8')).toContain(`url=${url}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
  expect(existsSync(file)).toBe(false);
});

it('does no harm without a browser or a place for the file', async () => {
  const folder = scratch();
  using _one = openBrowser(url, join(folder, 'none'), folder);
  using _two = openBrowser(url, 'none', join(folder, `ui-${String(pid)}.html`));
  await new Promise((resolve) => setTimeout(resolve, 100));
});
