import { describe, expect, it } from 'vitest';
import { clockMargin, judgeLease, type LeaseBody, leftBehind, parseLease } from './lease-record.ts';

const body: LeaseBody = {
  version: 1,
  run: 'r1',
  owner: 'process-1',
  host: 'host-1',
  expiresAt: '2010-12-01T00:01:00.000Z',
  left: [],
};
const expiry = Date.parse(body.expiresAt);

describe('judgeLease', () => {
  it('is held by another until its expiry is past for every clock', () => {
    expect(judgeLease(body, 'process-2', new Date(expiry))).toBe('held');
    expect(judgeLease(body, 'process-2', new Date(expiry + clockMargin - 1))).toBe('held');
    expect(judgeLease(body, 'process-2', new Date(expiry + clockMargin))).toBe('expired');
  });

  it('is ours whatever the time, but not for another process of the same run', () => {
    expect(judgeLease(body, 'process-1', new Date(expiry + 1e9))).toBe('ours');
    expect(judgeLease({ ...body, run: 'r2' }, 'process-1', new Date(0))).toBe('ours');
  });

  it('is free for everybody once it was let go', () => {
    const released: LeaseBody = { ...body, released: true };
    expect(judgeLease(released, 'process-2', new Date(0))).toBe('free');
    expect(judgeLease(released, 'process-1', new Date(expiry + 1e9))).toBe('free');
  });
});

describe('leftBehind', () => {
  it('names the holder that let nothing go, after all that it had not ended itself (I5)', () => {
    expect(leftBehind(body)).toEqual(['r1']);
    expect(leftBehind({ ...body, left: ['r0', 'r1'] })).toEqual(['r0', 'r1']);
    expect(leftBehind({ ...body, run: 'r2', left: ['r0', 'r1'] })).toEqual(['r0', 'r1', 'r2']);
  });

  it('names only what is left of others once the holder let go', () => {
    expect(leftBehind({ ...body, released: true })).toEqual([]);
    expect(leftBehind({ ...body, left: ['r0'], released: true })).toEqual(['r0']);
  });
});

describe('parseLease', () => {
  it('reads a lease and says what to do about anything else', () => {
    for (const written of [body, { ...body, left: ['r0'], released: true }]) {
      expect(parseLease(JSON.stringify(written), 'uri')).toEqual(written);
    }
    const older = JSON.stringify({ ...body, left: undefined });
    expect(parseLease(older, 'uri')).toEqual(body);
    for (const text of ['', '{}', JSON.stringify({ ...body, version: 2 })]) {
      expect(() => parseLease(text, 's3://lake/k')).toThrow(/s3:\/\/lake\/k is no lease/);
    }
  });
});
