import { expect, it } from 'vitest';
import type { Statement } from '../data-api/sql.ts';
import { phaseOfAudits } from './audit-phase.ts';

const statement = (kind: Statement['kind']): Statement => ({ name: 'one', kind, sql: '' });
const statements = [statement('load'), statement('audit'), statement('load'), statement('audit')];
const ended = (time: string, milliseconds: number, Status: 'FINISHED' | 'FAILED' = 'FINISHED') => ({
  Id: 'id',
  Duration: milliseconds * 1e6,
  UpdatedAt: new Date(`2010-12-02T00:15:${time}Z`),
  Status,
});

it('begins with the first audit, and lasts as long as all of them', () => {
  const SubStatements = [
    ended('01.000', 500),
    ended('01.250', 250),
    ended('09.000', 7_000),
    ended('09.500', 125.4),
  ];
  expect(phaseOfAudits(statements, { SubStatements })).toEqual({
    name: 'audits',
    startedAt: '2010-12-02T00:15:01.000Z',
    seconds: 0.375,
  });
});

it('tells of an audit that failed, and not of those that did not run', () => {
  const SubStatements = [
    ended('01.000', 500),
    ended('01.250', 250, 'FAILED'),
    { Id: 'id', Status: 'ABORTED' as const, Duration: -1 },
  ];
  expect(phaseOfAudits(statements, { SubStatements })).toMatchObject({
    seconds: 0.25,
    failed: true,
  });
});

it('is not there if Redshift says nothing of it', () => {
  expect(phaseOfAudits(statements, {})).toBeUndefined();
  expect(
    phaseOfAudits(statements, { SubStatements: [{ Id: 'id' }, { Id: 'id' }] }),
  ).toBeUndefined();
});
