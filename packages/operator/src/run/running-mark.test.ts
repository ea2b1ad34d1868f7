import { mkdtempDisposableSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { markRunning } from './running-mark.ts';

it('names the process and its command, while it runs', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'running-'));
  {
    using _mark = markRunning('backfill 2010-12-01 to 2010-12-10', folder.path);
    expect(readdirSync(folder.path)).toEqual([String(process.pid)]);
    expect(readFileSync(join(folder.path, String(process.pid)), 'utf8')).toBe(
      'backfill 2010-12-01 to 2010-12-10',
    );
  }
  expect(readdirSync(folder.path)).toEqual([]);
});
