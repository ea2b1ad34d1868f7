import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import { fakeTerminal } from '../../test/fake-terminal.ts';
import type { Summary } from '../run/job-process.ts';
import { eventOf, JobLog } from './job-log.ts';
import { liveProgress } from './live-progress.ts';

vi.mock('@user-behaviour/shared/pipeline', async (original) => {
  const { onlyFourStages } = await import('../../test/four-stages.ts');
  return onlyFourStages(original);
});

const days = [parseDs('2010-12-01')];
const event = (msg: string, level = 30) =>
  JSON.stringify({ level, time: '2026-11-29T07:40:02.000Z', job: 'emr-clean', msg });
const done: Summary = { job: 'j', ds: '2010-12-01', run: 'r', status: 'published', exit: 0 };

function started(below = '') {
  const folder = mkdtempSync(join(tmpdir(), 'logs-'));
  writeFileSync(join(folder, 'emr-clean.log'), '');
  const screen = fakeTerminal();
  const opened = new JobLog('emr-clean', join(folder, below));
  const progress = liveProgress(screen.terminal, () => opened);
  onTestFinished(() => {
    progress.close();
    rmSync(folder, { recursive: true });
  });
  return { ...screen, progress, log: () => readFileSync(join(folder, 'emr-clean.log'), 'utf8') };
}

describe('progress on a terminal', () => {
  it('shows the stages that run below those that have ended', () => {
    const { progress, rows, log } = started();
    progress.start('extract-purchases', days).onDay({ ...done, rows: 259 });
    const clean = progress.start('emr-clean', days);
    expect(rows).toHaveLength(2);
    progress.end('extract-purchases', days, { exit: 0, days: [done] });
    clean.onLog(event('cleaning the reviews'));
    progress.report('emr-clean ended with exit 75; trying again in 5 s');
    progress.start('emr-clean', days);
    expect(rows).toEqual([
      expect.stringMatching(/^✓ extract-purchases {2}2010-12-01 {2}259 purchases {2}\d/),
      'emr-clean ended with exit 75; trying again in 5 s',
      expect.stringMatching(/^\[3\/4\] emr-clean {2}2010-12-01 {2}cleaning the reviews {2}\d/),
    ]);
    expect(log()).toBe('[2026-11-29 07:40:02 UTC] INFO: emr-clean cleaning the reviews\n');
  });

  it('keeps nothing drawn at the end, and tells of stages that were not run', () => {
    const { progress, rows } = started();
    progress.start('stage-reviews', days);
    progress.end('emr-clean', days, undefined);
    progress.close();
    expect(rows).toEqual(['— emr-clean          not run, because what it reads was not published']);
  });

  it('counts warnings', () => {
    const { progress, rows } = started();
    const clean = progress.start('emr-clean', days);
    clean.onLog(event('odd', 40));
    clean.onDay(done);
    progress.end('emr-clean', days, { exit: 0, days: [done] });
    expect(rows[0]).toContain('1 warning in its log');
  });

  it('shows the last lines of a job that died', () => {
    const { progress, rows } = started();
    progress.start('emr-clean', days).onLog('docker: no such image');
    progress.end('emr-clean', days, { exit: 70, days: [] });
    expect(rows[1]).toBe('  docker: no such image');
  });
});

describe('a log that cannot be written', () => {
  it('does not end the run, and is reported if the job fails', () => {
    const { progress, rows } = started('emr-clean.log/below');
    const clean = progress.start('emr-clean', days);
    clean.onLog(event('at work'));
    progress.end('emr-clean', days, { exit: 70, days: [] });
    expect(rows.join('\n')).toMatch(/its log is not whole: ENOTDIR/);
  });
});

describe('a line of a log', () => {
  it.each([
    [event('working'), { message: 'working', isWarning: false }],
    [event('odd', 40), { message: 'odd', isWarning: true }],
    ['plain text', undefined],
    ['null', undefined],
    ['{"level":30}', undefined],
  ])('%s says %j', (line, expected) => {
    expect(eventOf(line)).toEqual(expected);
  });
});
