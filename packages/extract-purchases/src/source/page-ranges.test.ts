import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ScanEstimate, pageRanges, rangeQuery } from './page-ranges.ts';

const large: ScanEstimate = {
  isSequentialScan: true,
  bytes: 400 * 1024 ** 2,
  pages: 150_000,
  serverVersion: 180_004,
};
const everything = [{ from: 0, to: undefined }];

describe('pageRanges', () => {
  it('divides a large day into four ranges for each connection', () => {
    expect(pageRanges(large, 2)).toEqual([
      { from: 0, to: 18_750 },
      { from: 18_750, to: 37_500 },
      { from: 37_500, to: 56_250 },
      { from: 56_250, to: 75_000 },
      { from: 75_000, to: 93_750 },
      { from: 93_750, to: 112_500 },
      { from: 112_500, to: 131_250 },
      { from: 131_250, to: undefined },
    ]);
  });

  it.each([
    ['only one connection is allowed', large, 1],
    ['the day is small', { ...large, bytes: 63 * 1024 ** 2 }, 8],
    ['the plan uses an index', { ...large, isSequentialScan: false }, 8],
    ['the server does not support TID range scans', { ...large, serverVersion: 130_010 }, 8],
    ['the table has no pages, as a view', { ...large, pages: 0 }, 8],
  ])('returns one range if %s', (_why, estimate, connections) => {
    expect(pageRanges(estimate, connections)).toEqual(everything);
  });

  it('returns adjacent ranges, of which the last one has no end', () => {
    const number = fc.integer({ min: 0, max: 1e9 });
    fc.assert(
      fc.property(
        number,
        number,
        fc.integer({ min: 1, max: 64 }),
        (mebibytes, pages, connections) => {
          const estimate = { ...large, bytes: mebibytes * 1024 ** 2, pages };
          const ranges = pageRanges(estimate, connections);
          expect(ranges.map(({ from }) => from)).toEqual([
            0,
            ...ranges.slice(0, -1).map(({ to }) => to),
          ]);
          for (const { from, to } of ranges.slice(0, -1)) expect(to).toBeGreaterThan(from);
          expect(ranges.at(-1)?.to).toBeUndefined();
          expect(ranges.length).toBeLessThanOrEqual(4 * connections);
        },
      ),
    );
  });
});

describe('rangeQuery', () => {
  it('appends the pages to the conditions of the query', () => {
    const query = 'select a from t where b';
    expect(rangeQuery(query, { from: 0, to: undefined })).toBe(query);
    expect(rangeQuery(query, { from: 0, to: 5 })).toBe(`${query}\n  and ctid < '(5,0)'::tid`);
    expect(rangeQuery(query, { from: 5, to: undefined })).toBe(
      `${query}\n  and ctid >= '(5,0)'::tid`,
    );
    expect(rangeQuery(query, { from: 5, to: 9 })).toBe(
      `${query}\n  and ctid >= '(5,0)'::tid\n  and ctid < '(9,0)'::tid`,
    );
  });
});
