import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/failing.ts';
import { createLog, type LogFormat } from './log.ts';
import { readableLines } from './readable-log.ts';

function logInto(format: LogFormat, level = 'info') {
  const lines: string[] = [];
  const lineFormat = format === 'json' ? format : readableLines('some-job');
  return {
    log: createLog('some-job', lineFormat, { write: (line) => lines.push(line) }, level),
    lines,
  };
}

describe('the log', () => {
  it('has one JSON object per line, with time, level, job and facts', () => {
    const { log, lines } = logInto('json');
    log.child({ ds: '2010-12-01' }).info({ rows: 3 }, 'rows staged');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    const entry = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(entry).toMatchObject({ job: 'some-job', ds: '2010-12-01', rows: 3, msg: 'rows staged' });
    expect(entry['level']).toBe(30);
    expect(new Date(String(entry['time'])).toISOString()).toBe(entry['time']);
  });

  it('is readable in the pretty format, without color codes', () => {
    const { log, lines } = logInto('pretty');
    log.info({ rows: 3 }, 'rows staged');
    const text = lines.join('');
    expect(text).toMatch(/^\[\d\d:\d\d:\d\d UTC\] INFO: some-job rows staged {"rows":3}\n$/);
  });

  it('hides passwords in either format', () => {
    for (const format of ['json', 'pretty'] as const) {
      const { log, lines } = logInto(format);
      log.info({ password: 'hunter2' }, 'connected');
      expect(lines.join('')).toContain('connected');
      expect(lines.join('')).not.toContain('hunter2');
    }
  });

  it('omits entries below LOG_LEVEL', () => {
    const { log, lines } = logInto('json', 'warn');
    log.info('quiet');
    log.warn('loud');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['loud']);
  });

  it('rejects an unknown level and names the known ones', async () => {
    const failure = await failureOf(() => logInto('json', 'chatty'));
    expect(failure.exit).toBe(78);
    expect(failure.message).toContain('LOG_LEVEL is wrong: expected one of trace, debug, info');
  });
});
