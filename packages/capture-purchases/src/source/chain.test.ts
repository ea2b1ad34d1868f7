import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import { Failure } from '@user-behaviour/shared/failure';
import { sourceFailure } from '@user-behaviour/source/errors';
import { describe, expect, it } from 'vitest';
import { asGap, breakIn, Gap, requireSettingsOf } from './chain.ts';
import type { SourceFacts } from './facts.ts';

const settings = { CAPTURE_SLOT: 'slot', CAPTURE_PUBLICATION: 'publication' };
const columns = { unit_price: '6 numeric(8,3)', country: '8 text' };
const member = { oid: 11, xmin: '90' };
const found: SourceFacts = {
  ...{ version: 180_004, wal_level: 'logical', replica: false, feedback: 'off', next_xid: '100' },
  ...{ at: '2026-11-30T00:00:00.000Z', until: '2026-11-30T00:00:00.000Z', replayed: null },
  table_facts: { oid: 7, kind: 'r', identity: 'f', readable: true, children: [], columns },
  publication_facts: {
    ...{ oid: 10, xmin: '90', whole: true, published: true },
    member: { ...member, filtered: false },
  },
  slot_facts: {
    ...{ plugin: 'pgoutput', database: 'shop', active: false, lost: false },
    ...{ confirmed: '0/10', kept: 0 },
  },
  system: { systemid: '5', timeline: 1, dbname: 'shop' },
  schemaMember: undefined,
  position: 32n,
};
const head: ChangesHead = {
  ...{ version: 1, epoch: 1, slot: 'slot', publication: 'publication', position: '0/10' },
  ...{ since: { xid: '100', at: found.at }, at: found.at, days: {}, undated: 0 },
  source: {
    ...{ systemIdentifier: '5', timeline: 1, database: 'shop' },
    table: { oid: 7, identity: 'f', columns },
    publication: { oid: 10, xmin: '90', member },
  },
};
const withTable = (facts: Partial<NonNullable<SourceFacts['table_facts']>>): SourceFacts => ({
  ...found,
  table_facts: found.table_facts && { ...found.table_facts, ...facts },
});

describe('a setting that names something else than the pointer', () => {
  it.each<[string, SourceFacts, typeof settings]>([
    ['SOURCE_DATABASE_URL', { ...found, system: { ...found.system, systemid: '6' } }, settings],
    ['SOURCE_DATABASE_URL', { ...found, system: { ...found.system, dbname: 'x' } }, settings],
    ['CAPTURE_SLOT', found, { ...settings, CAPTURE_SLOT: 'x' }],
    ['CAPTURE_PUBLICATION', found, { ...settings, CAPTURE_PUBLICATION: 'x' }],
  ])('is a mistake in %s', (variable, facts, given) => {
    const require = () => {
      requireSettingsOf(head, facts, given);
    };
    expect(require).toThrow(`${variable} names`);
    expect(require).toThrow(expect.objectContaining({ kind: 'configuration' }));
  });

  it('is not found in a pointer of an older release, which has no name of the publication', () => {
    const older = { ...head };
    delete older.publication;
    requireSettingsOf(older, found, { ...settings, CAPTURE_PUBLICATION: 'x' });
    requireSettingsOf(head, found, settings);
  });
});

describe('the chain of changes', () => {
  it.each<[string, SourceFacts]>([
    ['as it was', found],
    ['with a table that has another name for now', { ...found, table_facts: null }],
    ['with a column that has another name for now', withTable({ columns: { country: '8 text' } })],
    ['with an identity that is not full', withTable({ identity: 'd' })],
    ['with a table that may not be read', withTable({ readable: false })],
  ])('holds %s', (_, facts) => {
    expect(breakIn(head, facts)).toBeUndefined();
  });

  it('holds for a pointer of an older release, which kept no columns and no row of a schema', () => {
    const { source } = head;
    const older: ChangesHead = {
      ...head,
      source: {
        ...source,
        table: { oid: 7, identity: 'f' },
        publication: { ...source.publication, member: null },
      },
    };
    const facts = withTable({ columns: { unit_price: '6 numeric(9,3)' } });
    const { publication_facts } = facts;
    const bySchema = {
      ...facts,
      schemaMember: member,
      publication_facts: publication_facts && { ...publication_facts, member: null },
    };
    expect(breakIn(older, bySchema)).toBeUndefined();
  });

  it.each<[RegExp, SourceFacts]>([
    [/promoted/, { ...found, system: { ...found.system, timeline: 2 } }],
    [/made anew/, withTable({ oid: 8 })],
    [/inherit.*retail\.more/, withTable({ children: ['retail.more'] })],
    [/unit_price.*\(9,3\)/, withTable({ columns: { ...columns, unit_price: '6 numeric(9,3)' } })],
    [/publication is gone/, { ...found, publication_facts: null }],
    [/slot slot is gone/, { ...found, slot_facts: null }],
    [
      /in the database x/,
      { ...found, slot_facts: found.slot_facts && { ...found.slot_facts, database: 'x' } },
    ],
  ])('is broken: %s', (why, facts) => {
    expect(breakIn(head, facts)).toMatch(why);
    expect(breakIn({ ...head, gap: 'before' }, facts)).toBe('before');
  });
});

describe('an error of the stream', () => {
  const failed = (code: string, message: string) =>
    asGap(sourceFailure('read', Object.assign(new Error(message), { code, severity: 'ERROR' })));

  it.each([
    ['42704', 'replication slot "a" does not exist'],
    ['42704', 'publication "a" does not exist'],
    ['55000', 'can no longer access replication slot "a"'],
  ])('is a gap: %s, %s', (code, message) => {
    expect(failed(code, message)).toBeInstanceOf(Gap);
  });

  it.each([
    ['55006', 'replication slot "a" is active for PID 7', 'transient'],
    ['42501', 'permission denied to use replication slots', 'configuration'],
    ['55000', 'logical decoding on standby requires "wal_level" >= "logical"', 'configuration'],
    ['XX001', 'invalid page', 'data'],
  ])('is none: %s, %s', (code, message, kind) => {
    const error = failed(code, message);
    expect(error).not.toBeInstanceOf(Gap);
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).kind).toBe(kind);
  });
});
