import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, pid } from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { daysFrom, parseDs } from '@user-behaviour/shared/ds';
import { parseJournal } from './events.ts';
import { Journal } from './journal.ts';
import { journalName, listCommands, readCommand } from './read-journals.ts';

const [first, last] = [parseDs('2010-12-01'), parseDs('2010-12-03')];
const days = daysFrom(first, last);
const what = { command: 'backfill', world: 'the moon', days };

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'journals-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** A journal as another process wrote it. */
function written(folder: string, id: string, ofPid: number, ...more: readonly object[]): string {
  const at = '2026-11-29T07:40:02.000Z';
  const begin = { event: 'command', at, pid: ofPid, command: 'catchup', world: 'x', ranges: [] };
  mkdirSync(join(folder, id));
  const file = join(folder, id, journalName);
  writeFileSync(file, [begin, ...more].map((event) => `${JSON.stringify(event)}\n`).join(''));
  return file;
}

/** The number of a process that has ended. */
const deadPid = (): number => spawnSync(execPath, ['--version']).pid;

describe('the journal of a command', () => {
  it('can be read while the command runs and after it', () => {
    const folder = scratch();
    {
      using journal = new Journal(what, folder);
      journal.write({ event: 'start', job: 'emr-clean', ranges: [[first, last]] });
      const [running] = listCommands(folder);
      expect(running).toMatchObject({ state: 'running', begin: { pid, command: 'backfill' } });
      expect(running?.begin.ranges).toEqual([['2010-12-01', '2010-12-03']]);
      expect(readCommand(running?.id ?? '', folder)?.events).toHaveLength(2);
      journal.write({ event: 'end', exit: 65 });
      journal.write({ event: 'start', job: 'emr-clean', ranges: [] });
    }
    const [ended] = listCommands(folder);
    expect(ended).toMatchObject({ state: 'ended', end: { exit: 65 } });
    expect(readCommand(ended?.id ?? '', folder)?.events).toHaveLength(3);
  });

  it('ends with the command, also with one that fails before it begins', () => {
    const folder = scratch();
    expect(() => {
      using _journal = new Journal(what, folder);
      throw new Error('no bundle');
    }).toThrow();
    expect(listCommands(folder)).toMatchObject([{ state: 'ended' }]);
    expect(listCommands(folder)[0]?.end).not.toHaveProperty('exit');
  });

  it('tells of a killed command', () => {
    const folder = scratch();
    written(folder, '20261129T074002Z-1', deadPid());
    expect(listCommands(folder)).toMatchObject([{ state: 'interrupted' }]);
  });

  it('does not take another process with the same number for a killed command', () => {
    const folder = scratch();
    const file = written(folder, '20261129T074002Z-1', pid);
    expect(listCommands(folder)).toMatchObject([{ state: 'running' }]);
    const before = new Date(Date.now() - 61_000);
    utimesSync(file, before, before);
    expect(listCommands(folder)).toMatchObject([{ state: 'interrupted' }]);
  });

  it('is read without a torn line, and without what a later release writes', () => {
    const folder = scratch();
    const at = '2026-11-29T07:40:03.000Z';
    const start = { event: 'start', at, job: 'emr-clean', ranges: [['2010-12-01', '2010-12-01']] };
    const file = written(folder, '20261129T074002Z-1', deadPid(), start, { event: 'rest', at });
    appendFileSync(file, '{"event":"day","at":"2026-11-');
    const command = readCommand('20261129T074002Z-1', folder);
    expect(command?.events.map(({ event }) => event)).toEqual(['command', 'start']);
    expect(parseJournal('{"event":"start","at":"today"}\nnull\n7')).toEqual([]);
  });

  it('has no journal without its first line, and none elsewhere', () => {
    const folder = scratch();
    writeFileSync(written(folder, '20261129T074002Z-1', pid), '{"event":"comm');
    expect(listCommands(folder)).toEqual([]);
    expect(readCommand('20261129T074002Z-1', folder)).toBeUndefined();
    expect(readCommand('../20261129T074002Z-1', folder)).toBeUndefined();
    expect(listCommands(join(folder, 'none'))).toEqual([]);
  });

  it('does no harm where it cannot be written', () => {
    const folder = scratch();
    writeFileSync(join(folder, 'file'), '');
    using journal = new Journal(what, join(folder, 'file'));
    journal.write({ event: 'end', exit: 0 });
    expect(listCommands(join(folder, 'file'))).toEqual([]);
  });

  it('goes on after a line that could not be written', () => {
    const folder = scratch();
    using journal = new Journal(what, folder);
    rmSync(journal.folder, { recursive: true });
    journal.write({ event: 'start', job: 'emr-clean', ranges: [] });
    mkdirSync(journal.folder);
    appendFileSync(join(journal.folder, journalName), '{"event":"st');
    journal.write({ event: 'end', exit: 0 });
    const text = readFileSync(join(journal.folder, journalName), 'utf8');
    expect(parseJournal(text)).toMatchObject([{ event: 'end', exit: 0 }]);
  });

  it('replaces those of older commands, unless they run', () => {
    const folder = scratch();
    const second = (n: number) => `20201129T0740${String(n).padStart(2, '0')}Z-1`;
    written(folder, second(0), pid);
    for (let n = 1; n < 30; n += 1)
      written(folder, second(n), deadPid(), { event: 'end', at: '2026-11-29T07:40:03.000Z' });
    using journal = new Journal(what, folder);
    const left = readdirSync(folder);
    expect(left).toContain(second(0));
    expect(left).toContain(second(29));
    expect(left).not.toContain(second(1));
    expect(left).toHaveLength(21);
    expect(left.some((id) => journal.folder.endsWith(id))).toBe(true);
  });

  it('keeps messages to a length, and no more than it has room for', () => {
    const folder = scratch();
    using journal = new Journal(what, folder);
    const day = {
      event: 'day',
      job: 'j',
      ds: first,
      run: 'r',
      status: 'failed',
      exit: 65,
    } as const;
    journal.write({ ...day, message: 'x'.repeat(10_000) });
    const event = readCommand(listCommands(folder)[0]?.id ?? '', folder)?.events[1];
    expect(event?.event === 'day' && event.message?.length).toBe(2_000);
  });
});
