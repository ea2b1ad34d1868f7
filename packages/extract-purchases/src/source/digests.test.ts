import { parseDs } from '@user-behaviour/shared/ds';
import { describe, expect, it } from 'vitest';
import { digestsOf, digestsQuery } from './digests.ts';

const [first, last] = [parseDs('2010-12-01'), parseDs('2010-12-31')];

describe('the digests of days', () => {
  it.each([
    [180_004, 'hash_record_extended(purchase, 0)'],
    [140_000, 'hash_record_extended(purchase, 0)'],
    [130_011, 'hashtextextended(cast(purchase as text), 0)'],
  ])('are hashes of records or of texts, by the version %i of the server', (version, hash) => {
    const query = digestsQuery({ from: first, through: last }, version);
    expect(query).toContain(`sum(${hash})`);
    expect(query).toContain("timestamp '2010-12-01'");
    expect(query).toContain("timestamp '2010-12-31' + interval '1 day'");
    expect(query).not.toMatch(/:'|:[a-z]+_|--|;/);
  });

  it('are sums modulo 2^64, and those of no rows are zero', () => {
    const rows = [
      { ds: '2010-12-01', rows: 2, sum: '-1' },
      { ds: '2010-12-02', rows: 3, sum: String(2n ** 64n + 10n) },
    ];
    const of = digestsOf(rows, 140_000);
    expect(of(first)).toEqual({ rows: 2, hash: 'record:ffffffffffffffff' });
    expect(of(parseDs('2010-12-02'))).toEqual({ rows: 3, hash: 'record:000000000000000a' });
    expect(digestsOf(rows, 130_011)(last)).toEqual({ rows: 0, hash: 'text:0000000000000000' });
  });
});
