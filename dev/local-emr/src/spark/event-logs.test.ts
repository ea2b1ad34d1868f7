import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { prepareEventLogs } from './event-logs.ts';

it('creates the folder, and keeps the newest logs only', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'event-logs-'));
  const folder = join(directory, 'new', 'logs');
  try {
    await prepareEventLogs(folder, 2);
    for (const [index, name] of ['old.zstd', 'b.zstd', 'a.inprogress'].entries()) {
      writeFileSync(join(folder, name), 'x');
      utimesSync(join(folder, name), 1000 + index, 1000 + index);
    }
    await prepareEventLogs(folder, 2);
    expect(readdirSync(folder).sort()).toEqual(['a.inprogress', 'b.zstd']);
    // A second run removes nothing more.
    await prepareEventLogs(folder, 2);
    expect(readdirSync(folder)).toHaveLength(2);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
