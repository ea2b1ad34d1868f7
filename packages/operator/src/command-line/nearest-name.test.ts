import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.mjs';

const known = ['FROM', 'TO', 'JOBS', 'ORDER', 'PURCHASES', 'RETRIES', 'RETRY_DELAY'];

describe('the nearest name', () => {
  it.each([
    ['FORM', 'FROM'],
    ['from', 'FROM'],
    ['FRO', 'FROM'],
    ['JOB', 'JOBS'],
    ['PURCHASE', 'PURCHASES'],
    ['RETRYS', 'RETRIES'],
    ['RETRY-DELAY', 'RETRY_DELAY'],
    ['ODRER', 'ORDER'],
  ])('of %s is %s', (typed, meant) => {
    expect(nearestName(typed, known)).toBe(meant);
  });

  it.each(['X', 'COLOUR', '', 'SPARK'])('of %j is none', (typed) => {
    expect(nearestName(typed, known)).toBeUndefined();
  });
});
