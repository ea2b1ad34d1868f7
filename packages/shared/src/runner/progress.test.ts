import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from './log.ts';
import { logProgress } from './progress.ts';

describe('progress', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is told with bytes, rate and facts, and not at every part', () => {
    const lines: Record<string, unknown>[] = [];
    const target = {
      write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>),
    };
    let rows = 0;
    const tell = logProgress(createLog('j', 'json', target, 'info'), 'extracting', () => ({
      rows,
    }));
    tell(1e6);
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(4_000);
    rows = 500;
    tell(80e6);
    tell(81e6);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ msg: 'extracting', rows: 500, MB: 80, 'MB/s': 20 });
    vi.advanceTimersByTime(4_000);
    tell(160e6);
    expect(lines.map((line) => line['MB'])).toEqual([80, 160]);
  });
});
