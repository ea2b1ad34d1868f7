import { parseDs } from '@user-behaviour/shared/ds';
import { CsvScanner } from '@user-behaviour/source/csv-scanner';
import { describe, expect, it } from 'vitest';
import { wireRow } from '@user-behaviour/source/test/copy-text';
import {
  digestsOf,
  digestsQuery,
  hashesAsScanner,
  knownHashQuery,
  scannedDigest,
} from './digests.ts';

const [first, middle, last] = [parseDs('2010-12-01'), parseDs('2010-12-02'), parseDs('2010-12-31')];
const days = (...minQuantities: readonly number[]) =>
  [first, middle, last].map((ds, at) => ({ ds, minQuantity: minQuantities[at] ?? 2 }));

describe('the digests of days', () => {
  it.each([
    [180_004, 'hashfloat8extended(hash_record_extended(purchase, 0), 0)'],
    [140_000, 'hashfloat8extended(hash_record_extended(purchase, 0), 0)'],
    [130_011, 'hashtextextended(cast(purchase as text), 0)'],
  ])('are hashes of records or of texts, by the version %i of the server', (version, hash) => {
    const query = digestsQuery(days(), version);
    expect(query).toContain(`sum(${hash}) filter (where quantity > 2)`);
    expect(query).toContain("timestamp '2010-12-01'");
    expect(query).toContain("timestamp '2010-12-31' + interval '1 day'");
    expect(query).not.toMatch(/:'|:[a-z]+_|--|;/);
  });

  it('are of the rows that each day selects', () => {
    expect(digestsQuery(days(2, 2, 5), 180_004)).toContain(
      "quantity > case when invoice_date < timestamp '2010-12-31' then 2 else 5 end)",
    );
    expect(digestsQuery(days(-1, 0, 5), 180_004)).toContain(
      "case when invoice_date < timestamp '2010-12-02' then -1 when invoice_date < timestamp '2010-12-31' then 0 else 5 end",
    );
  });

  it('are sums modulo 2^64, and those of no rows are zero', () => {
    const rows = [
      { ds: '2010-12-01', rows: 2, sum: '-1' },
      { ds: '2010-12-02', rows: 3, sum: String(2n ** 64n + 10n) },
    ];
    const of = digestsOf(rows, 140_000);
    expect(of(first)).toEqual({ rows: 2, hash: 'selected:ffffffffffffffff' });
    expect(of(middle)).toEqual({ rows: 3, hash: 'selected:000000000000000a' });
    expect(digestsOf(rows, 130_011)(last)).toEqual({
      rows: 0,
      hash: 'selectedtext:0000000000000000',
    });
    expect(scannedDigest([{ rows: 3 }], 2n ** 64n + 10n)).toEqual(of(middle));
  });
});

describe('a server hashes as the scanner', () => {
  it('if it does so with a known record, in UTF-8', async () => {
    const outputBytes = 1024 ** 2;
    const scanner = await CsvScanner.create(outputBytes, { hashesRecords: true });
    const detail = 'WHITE HANGING HEART T-LIGHT HOLDER';
    scanner.addInput(
      wireRow([
        ...['536365', '85123A', detail, '-6', '2010-12-01 08:26:00.25', '2.550', null],
        'United Kingdom',
      ]),
    );
    scanner.scan(scanner.outputStart, scanner.outputStart + outputBytes);
    const hash = String(BigInt.asIntN(64, scanner.recordSum));
    expect(hashesAsScanner([{ hash, encoding: 'UTF8' }])).toBe(true);
    expect(hashesAsScanner([{ hash, encoding: 'LATIN1' }])).toBe(false);
    expect(hashesAsScanner([{ hash: '1', encoding: 'UTF8' }])).toBe(false);
  });

  it('unless it is older than PostgreSQL 14', () => {
    expect(knownHashQuery(140_000)).toHaveLength(1);
    expect(knownHashQuery(130_011)).toEqual([]);
    expect(hashesAsScanner(undefined)).toBe(false);
  });
});
