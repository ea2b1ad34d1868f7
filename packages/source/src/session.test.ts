import { describe, expect, it } from 'vitest';
import { begunResults, resultOf } from '../test/begun-results.ts';
import { beginTransaction, checkBegun, sessionOptions } from './session.ts';

const settings = [
  ['row_security', 'off', 'fails if a policy hides rows'],
  ['statement_timeout', '90000', 'ends a query that takes too long'],
  ['idle_in_transaction_session_timeout', '90000', 'does not hold its snapshot after a hang'],
  ['timezone', 'UTC', 'writes times in UTC'],
  ['datestyle', 'ISO, MDY', 'writes dates in ISO format'],
  ['client_encoding', 'UTF8', 'writes UTF-8'],
  ['synchronize_seqscans', 'off', 'returns rows in the order of the table'],
  ['max_parallel_workers_per_gather', '0', 'scans in one worker, in the order of the table'],
] as const;

describe('a transaction at the source', () => {
  it.each(settings)('sets %s to %s, and verifies it: it %s', (name, value) => {
    const [, set = '', readBack = ''] = beginTransaction(90_000).split(';\n');
    expect(set).toContain(`('${name}', '${value}')`);
    expect(set).toContain('set_config(name, value, true)');
    expect(readBack).toContain(`('${name}', '${value}')`);
  });

  it('reads one state and cannot write, and verifies that', () => {
    const [begin, , readBack] = beginTransaction(90_000).split(';\n');
    expect(begin).toBe('begin isolation level repeatable read read only');
    expect(readBack).toContain("('transaction_isolation', 'repeatable read')");
    expect(readBack).toContain("('transaction_read_only', 'on')");
  });

  it('joins a snapshot before its first query', () => {
    const [, join] = beginTransaction(90_000, '00000003-0000001B-1').split(';\n');
    expect(join).toBe("set transaction snapshot '00000003-0000001B-1'");
    expect(() => beginTransaction(90_000, "x'; drop table y")).toThrow('named its snapshot');
  });

  it('tells which server it is on, and returns what the later statements return', () => {
    const { transaction, rest } = checkBegun([...begunResults(), resultOf({ one: 1 })]);
    expect(transaction).toEqual({
      server: '1.5',
      pid: 7,
      began: '2010-12-02 00:00:00.000001',
      xmin: '731',
    });
    expect(rest.map(({ rows }) => rows)).toEqual([[{ one: 1 }]]);
  });

  it('ends as a configuration failure that names each setting that does not hold', () => {
    const results = begunResults(
      { name: 'datestyle', wanted: 'ISO, MDY', found: 'SQL, DMY' },
      { name: 'timezone', wanted: 'UTC', found: 'UTC' },
      { name: 'row_security', wanted: 'off', found: null },
    );
    expect(() => checkBegun(results)).toThrow(
      expect.objectContaining({
        kind: 'configuration',
        exit: 78,
        message:
          'the source does not take settings: datestyle is SQL, DMY, expected ISO, MDY; row_security is unknown, expected off',
      }),
    );
  });
});

describe('the options of a session without a pooler', () => {
  const options = sessionOptions(0)
    .split('-c ')
    .map((text) => text.trim());

  it.each(['default_transaction_read_only=on', 'datestyle=ISO,\\ MDY', 'statement_timeout=0'])(
    'are the same settings: %s',
    (setting) => {
      expect(options).toContain(setting);
    },
  );
});
