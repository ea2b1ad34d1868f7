/** Opens a browser, where there is one. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { escape } from '../page/markup.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What opens a file for the person at this machine; undefined if there is no screen. */
export function openerOf(environment: Environment, platform: NodeJS.Platform): string | undefined {
  if (platform === 'darwin') return 'open';
  const { DISPLAY = '', WAYLAND_DISPLAY = '' } = environment;
  return platform === 'linux' && `${DISPLAY}${WAYLAND_DISPLAY}` !== '' ? 'xdg-open' : undefined;
}

/**
 * Every user of the machine can read the arguments of a program, so the browser gets the address in a file that only
 * this user can read; the file goes with the return value. Never fails.
 */
export function openBrowser(url: string, opener: string, folder: string): Disposable {
  const file = join(folder, `ui-${String(process.pid)}.html`);
  try {
    mkdirSync(folder, { recursive: true });
    // An earlier file keeps its rights.
    rmSync(file, { force: true });
    const content = `<!doctype html><meta http-equiv="refresh" content="0; url=${escape(url)}">\n`;
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
    spawn(opener, [pathToFileURL(file).href], { stdio: 'ignore', detached: true })
      .on('error', () => undefined)
      .unref();
  } catch {
    // The terminal shows the address as well.
  }
  return {
    [Symbol.dispose]: () => {
      try {
        rmSync(file, { force: true });
      } catch {
        // It was never written.
      }
    },
  };
}
