import { parseDs } from '@user-behaviour/shared/ds';
import { sourceFailure } from '@user-behaviour/source/errors';
import { resultOf } from '@user-behaviour/source/test/begun-results';
import { documentedTable } from '@user-behaviour/source/test/documented-table';
import { describe, expect, it } from 'vitest';
import type { SourceConnection } from './connection.ts';
import { checkTable } from './statements.ts';

const day = { ds: parseDs('2010-12-01'), minQuantity: 2 };
const known = resultOf({ hash: '-3993519857355865492', encoding: 'UTF8' });
const system = resultOf({ system_identifier: '7' });

interface Server {
  readonly tellsSystem: boolean;
  /** The SQLSTATE with which a statement fails that contains the text. */
  readonly fails?: { readonly text: string; readonly code: string };
}

/** Checks the table at a server, and returns what it has told and how often it was asked who it is. */
async function check({ tellsSystem, fails }: Server) {
  let asked = 0;
  const facts = {
    ...{ pages: 1, is_ordinary: true, has_places: true },
    ...{ server_version: 140_000, tells_system: tellsSystem },
  };
  const connection = {
    openTransaction: () => Promise.resolve([resultOf(...documentedTable.map((of) => ({ ...of })))]),
    query(doing: string, sql: string) {
      if (sql.endsWith('commit')) return Promise.resolve([resultOf(facts), resultOf(), resultOf()]);
      asked += 1;
      if (fails !== undefined && sql.includes(fails.text)) {
        return Promise.reject(sourceFailure(doing, { code: fails.code, severity: 'ERROR' }));
      }
      return Promise.resolve([
        ...(sql.includes('hash_record_extended') ? [known] : []),
        ...(sql.includes('pg_control_system') ? [system] : []),
      ]);
    },
  } as unknown as SourceConnection;
  const { hashesAsScanner, systemIdentifier } = await checkTable(connection, day);
  return { hashesAsScanner, systemIdentifier, asked };
}

describe('a server is asked', () => {
  it.each([
    [true, '7'],
    [false, undefined],
  ])('once how it hashes, and who it is if it tells: %s', async (tellsSystem, systemIdentifier) => {
    const told = await check({ tellsSystem });
    expect(told).toEqual({ hashesAsScanner: true, systemIdentifier, asked: 1 });
  });

  it.each([
    [true, '7', 2],
    [false, undefined, 1],
  ])(
    'only who it is, if it tells (%s), after it could not hash a record',
    async (tellsSystem, systemIdentifier, asked) => {
      const fails = { text: 'hash_record_extended', code: '42883' };
      const told = await check({ tellsSystem, fails });
      expect(told).toEqual({ hashesAsScanner: false, systemIdentifier, asked });
    },
  );

  it.each([
    ['hash_record_extended', '57014', 'transient'],
    ['pg_control_system', '42883', 'data'],
  ])('and its failure with %s of SQLSTATE %s is %s', async (text, code, kind) => {
    await expect(check({ tellsSystem: true, fails: { text, code } })).rejects.toMatchObject({
      kind,
    });
  });
});
