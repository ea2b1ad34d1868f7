import { parseDs } from '@user-behaviour/shared/ds';
import { createLog } from '@user-behaviour/shared/runner/log';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import { expect, it } from 'vitest';
import { rangeName, statementName } from '../data-api/names.ts';
import { token } from '../data-api/request.ts';
import { labelled, longestLabel } from './label.ts';
import { loadStatements } from './transaction.ts';

const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const day = { ds: parseDs('2010-12-01'), run: 'r'.repeat(63), log, record: new DayNotes() };
const name = statementName(day, 'load-5');

it('the label is set first and reset last, and the batch stays within the 40 statements of a call', () => {
  const statements = labelled(name, loadStatements());
  expect(statements[0]?.sql).toBe(`set query_group to '${name}'`);
  expect(statements.at(-1)?.sql).toBe('reset query_group');
  expect(statements.slice(1, -1)).toEqual(loadStatements());
  expect(statements.length).toBeLessThanOrEqual(40);
});

it('a retry of the same run has the same token', () => {
  const submission = () => ({ name, statements: labelled(name, loadStatements()) });
  expect(token(submission(), 1)).toBe(token(submission(), 1));
});

it('the longest name is a whole label', () => {
  const other = { ...day, ds: parseDs('2010-12-31') };
  for (const one of [name, rangeName([day, other], 'load-5')]) {
    expect(one.length).toBeLessThanOrEqual(longestLabel);
  }
});
