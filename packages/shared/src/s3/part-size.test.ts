import { describe, expect, it } from 'vitest';
import { partSize } from './part-size.ts';

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
/** S3's limits on the number of parts, the part size and the object size. */
const limits = {
  parts: 10_000,
  least: 5 * mebibyte,
  most: 5 * gibibyte,
  object: 5 * 1024 * gibibyte,
};

function partsFor(bytes: number): { count: number; largest: number } {
  let count = 0;
  let largest = 0;
  for (let left = bytes; left > 0; left -= largest) {
    count += 1;
    largest = partSize(count);
  }
  return { count, largest };
}

describe('the size of a part', () => {
  it("is within S3's limits for every part", () => {
    for (let part = 1; part <= limits.parts; part += 1) {
      expect(partSize(part)).toBeGreaterThanOrEqual(limits.least);
      expect(partSize(part)).toBeLessThanOrEqual(limits.most);
    }
  });

  it('allows a stream of 60 GiB, unlike parts of 5 MiB, which end at 48.8 GiB', () => {
    const { count, largest } = partsFor(60 * gibibyte);
    expect(count).toBeLessThan(limits.parts);
    expect(largest).toBeLessThanOrEqual(64 * mebibyte);
  });

  it("allows S3's largest object", () => {
    expect(partsFor(limits.object).count).toBeLessThanOrEqual(limits.parts);
  });

  it('is small for a normal day', () => {
    expect(partsFor(gibibyte).largest).toBe(8 * mebibyte);
  });
});
