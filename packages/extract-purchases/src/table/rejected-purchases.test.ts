import { parseDs } from '@user-behaviour/shared/ds';
import { describe, expect, it } from 'vitest';
import { isWithin, judgedDay, refusal, requireConserved } from './rejected-purchases.ts';

const ds = parseDs('2010-12-01');
const nan = 'unit_price is not a number';
const day = judgedDay([
  { reason: 'unit_price is null', rows: 1 },
  { reason: null, rows: 95 },
  { reason: nan, rows: 4 },
]);
const places = [1, 2, 3].map((n) => ({
  reason: nan,
  place: `retail.user_purchase (0,${String(n)})`,
}));

describe('a day with purchases that the load cannot take', () => {
  it('is counted by reason', () => {
    expect(day).toEqual({ loadable: 95, rejected: { [nan]: 4, 'unit_price is null': 1 } });
  });

  it('is refused as wrong data, with reasons, counts and places', () => {
    const failure = refusal(
      ds,
      day,
      [...places, { reason: 'unit_price is null', place: 'x (7,7)' }],
      undefined,
    );
    expect(failure.exit).toBe(65);
    expect(failure.message).toBe(
      '5 of 100 purchases of 2010-12-01 cannot be loaded: ' +
        'unit_price is not a number: 4 (retail.user_purchase (0,1), retail.user_purchase (0,2), retail.user_purchase (0,3), …); ' +
        'unit_price is null: 1 (x (7,7))',
    );
    expect(failure.action).toContain('BAD_PURCHASES=quarantine');
    const limited = refusal(ds, day, places, 0.01);
    expect(limited.message).toContain('; MAX_REJECTED_PURCHASES allows a share of 0.01');
    expect(limited.action).toContain('raise MAX_REJECTED_PURCHASES');
  });

  it.each([
    [0.05, true],
    [0.049, false],
    [0, false],
  ])('is within a share of %d: %s', (share, expected) => {
    expect(isWithin(share, day)).toBe(expected);
  });

  it('is compared with the share as it was written', () => {
    const rejects = judgedDay([
      { reason: nan, rows: 29 },
      { reason: null, rows: 71 },
    ]);
    expect(isWithin(0.29, rejects)).toBe(true);
    expect(isWithin(0, judgedDay([]))).toBe(true);
  });

  it('is conserved if each row is published or rejected', () => {
    expect(() => {
      requireConserved(ds, day, { published: 95, rejected: 5 });
    }).not.toThrow();
    for (const written of [
      { published: 94, rejected: 5 },
      { published: 96, rejected: 4 },
    ]) {
      expect(() => {
        requireConserved(ds, day, written);
      }).toThrow('95 + 5 loadable and other purchases');
    }
  });
});
