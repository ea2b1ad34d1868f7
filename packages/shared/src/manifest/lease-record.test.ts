import { describe, expect, it } from 'vitest';
import { clockMargin, isHeld, type LeaseBody, orphanedRuns, parseLease } from './lease-record.ts';

const body: LeaseBody = {
  version: 1,
  run: 'r1',
  owner: 'process-1',
  host: 'host-1',
  expiresAt: '2010-12-01T00:01:00.000Z',
  left: [],
};
const expiry = Date.parse(body.expiresAt);

describe('isHeld', () => {
  it('is true until the lease has expired by every clock', () => {
    expect(isHeld(body, expiry)).toBe(true);
    expect(isHeld(body, expiry + clockMargin - 1)).toBe(true);
    expect(isHeld(body, expiry + clockMargin)).toBe(false);
  });

  it('is false once the lease was released', () => {
    expect(isHeld({ ...body, released: true }, 0)).toBe(false);
  });
});

describe('orphanedRuns', () => {
  it('includes a holder that did not release its lease (I5)', () => {
    expect(orphanedRuns(body)).toEqual(['r1']);
    expect(orphanedRuns({ ...body, left: ['r0', 'r1'] })).toEqual(['r0', 'r1']);
    expect(orphanedRuns({ ...body, run: 'r2', left: ['r0', 'r1'] })).toEqual(['r0', 'r1', 'r2']);
  });

  it('contains only the earlier runs if the holder released its lease', () => {
    expect(orphanedRuns({ ...body, released: true })).toEqual([]);
    expect(orphanedRuns({ ...body, left: ['r0'], released: true })).toEqual(['r0']);
  });
});

describe('parseLease', () => {
  it('parses a lease and rejects anything else with advice', () => {
    for (const written of [body, { ...body, left: ['r0'], released: true }]) {
      expect(parseLease(JSON.stringify(written), 'uri')).toEqual(written);
    }
    const older = JSON.stringify({ ...body, left: undefined });
    expect(parseLease(older, 'uri')).toEqual(body);
    const wrong = [{}, { ...body, version: 2 }, { ...body, run: "r'1" }, { ...body, left: ['..'] }];
    for (const text of ['', ...wrong.map((value) => JSON.stringify(value))]) {
      expect(() => parseLease(text, 's3://lake/k')).toThrow(/s3:\/\/lake\/k is not a lease/);
    }
  });
});
