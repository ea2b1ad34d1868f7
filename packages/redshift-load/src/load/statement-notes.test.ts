import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import { expect, it } from 'vitest';
import { noteStatement } from './statement-notes.ts';

it('a description replaces what was known of the same statement, and others are kept', () => {
  const record = new DayNotes();
  noteStatement(record, 'partitions-1', { Id: 'p' });
  noteStatement(record, 'load-1', { Id: 'a', RedshiftQueryId: -1 });
  noteStatement(record, 'load-1', {
    Id: 'a',
    Duration: 1_234_567_890,
    SubStatements: [
      { Id: 'a:1', RedshiftQueryId: 7 },
      { Id: 'a:2', RedshiftQueryId: 8 },
    ],
  });
  noteStatement(record, 'load-2', { Id: 'b', RedshiftQueryId: 9, Duration: 0 });
  expect(record.facts['statements']).toEqual([
    { name: 'partitions-1', id: 'p' },
    { name: 'load-1', id: 'a', queryIds: [7, 8], seconds: 1.235 },
    { name: 'load-2', id: 'b', queryIds: [9], seconds: 0 },
  ]);
});

it('the statements of one day are not those of another', () => {
  const [one, other] = [new DayNotes(), new DayNotes()];
  noteStatement(one, 'load-1', { Id: 'a' });
  noteStatement(other, 'load-1', { Id: 'b' });
  expect(one.facts).toEqual({ statements: [{ name: 'load-1', id: 'a' }] });
});
