/** What a job's bundle says to a Node.js that is too old for it. */
import { spawnSync } from 'node:child_process';
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const starter = readFileSync(join(import.meta.dirname, '../../tools/bundle/main.mjs'), 'utf8');

function start(release: string) {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'bundle-'));
  const file = join(folder.path, 'main.mjs');
  const text = starter
    .replaceAll('NODE_MAJOR', '24')
    .replaceAll('JOB_NAME', 'emr-clean')
    .replaceAll('CONTENT_HASH', 'none');
  writeFileSync(file, text);
  writeFileSync(join(folder.path, 'main.cjs'), 'process.exitCode = 65;');
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${release}' } })`;
  const args = [`--import=data:text/javascript,${encodeURIComponent(pretend)}`, file];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr };
}

it.each(['16.20.0', '20.20.2', '22.20.0'])(
  'refuses Node.js %s, and names what it needs',
  (release) => {
    const { status, stderr } = start(release);
    expect(status).toBe(78);
    expect(stderr).toMatch(/^emr-clean needs Node\.js 24 or newer, and this is v\d.*\n$/);
  },
);

it.each(['24.4.0', '26.1.0'])('starts with Node.js %s', (release) => {
  expect(start(release)).toEqual({ status: 65, stderr: '' });
});
