import { describe, expect, it } from 'vitest';
import { sessionOptions } from './session.ts';

describe('a session at the source', () => {
  it.each([
    ['default_transaction_read_only=on', 'cannot write'],
    ['row_security=off', 'fails if a policy hides rows'],
    ['statement_timeout=90000', 'ends a query that takes too long'],
    ['idle_in_transaction_session_timeout=90000', 'does not hold its snapshot after a hang'],
    ['timezone=UTC', 'writes times in UTC'],
    ['datestyle=ISO', 'writes dates in ISO format'],
    ['client_encoding=UTF8', 'writes UTF-8'],
    ['synchronize_seqscans=off', 'returns rows in the order of the table'],
    ['max_parallel_workers_per_gather=0', 'scans in one worker, in the order of the table'],
  ])('sets %s: it %s', (setting) => {
    expect(
      sessionOptions(90_000)
        .split('-c ')
        .map((text) => text.trim()),
    ).toContain(setting);
  });

  it('sets no limits for a timeout of 0', () => {
    expect(sessionOptions(0)).toContain('-c statement_timeout=0 ');
    expect(sessionOptions(0)).toContain('-c idle_in_transaction_session_timeout=0 ');
  });
});
