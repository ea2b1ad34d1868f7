/**
 * Draws docs/demo.svg: the terminal after `make demo` in a fresh clone of the last commit. A real run, on Linux with
 * util-linux.
 *
 *   node tools/demo/picture.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../workspace-files.ts';
import { type Run, screenOf } from './terminal-screen.ts';

/** SGR codes; the operator and the installer use no others. */
const colours: Readonly<Record<string, string>> = { 2: '#8b949e', 31: '#ff7b72', 32: '#3fb950' };
const [fontSize, lineHeight, characterWidth, margin] = [13, 18, 7.83, 16];

function recordDemo(): string {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'demo-'));
  const clone = join(folder.path, 'user-behaviour');
  execFileSync('git', ['clone', '--quiet', root, clone]);
  const [command, stop] = ['make demo', 'make down'];
  const options = { cwd: clone, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' } as const;
  const written = execFileSync(
    'script',
    ['-qefc', `stty cols 100 rows 80; ${command}`, '/dev/null'],
    options,
  );
  execFileSync('sh', ['-c', stop], options);
  return `$ ${command}\r\n${written}`;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const spanOf = ({ text, style }: Run): string => {
  const colour = colours[style];
  return colour === undefined
    ? escapeXml(text)
    : `<tspan fill="${colour}">${escapeXml(text)}</tspan>`;
};

function drawScreen(lines: readonly (readonly Run[])[]): string {
  const longest = Math.max(
    ...lines.map((runs) => runs.reduce((sum, { text }) => sum + text.length, 0)),
  );
  const width = Math.ceil(longest * characterWidth) + 2 * margin;
  const height = lines.length * lineHeight + 2 * margin;
  const rows = lines.map(
    (runs, index) =>
      `<text x="${margin}" y="${margin + fontSize + index * lineHeight}" xml:space="preserve">${runs.map(spanOf).join('')}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<title>make demo in a terminal</title>',
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g fill="#e6edf3" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const screen = screenOf(recordDemo());
while (screen.at(-1)?.length === 0) screen.pop();
writeFileSync(join(root, 'docs/demo.svg'), drawScreen(screen));
