import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from './log.ts';
import { logProgress } from './progress.ts';

describe('logProgress', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('logs bytes, rate and facts, but not for every part', () => {
    const lines: Record<string, unknown>[] = [];
    const target = {
      write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>),
    };
    let rows = 0;
    const onProgress = logProgress(createLog('j', 'json', target, 'info'), 'extracting', () => ({
      rows,
    }));
    onProgress(1e6);
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(4_000);
    rows = 500;
    onProgress(80e6);
    onProgress(81e6);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ msg: 'extracting', rows: 500, MB: 80, 'MB/s': 20 });
    vi.advanceTimersByTime(4_000);
    onProgress(160e6);
    expect(lines.map((line) => line['MB'])).toEqual([80, 160]);
  });
});
