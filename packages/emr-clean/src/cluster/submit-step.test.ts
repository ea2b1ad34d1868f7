import { describe, expect, it } from 'vitest';
import { isSameStep } from './submit-step.ts';

const step = {
  kind: 'copy',
  name: 'emr-clean/2010-12-01/r1/1-copy-in',
  args: ['a b', 'c'],
} as const;

describe('isSameStep', () => {
  it('compares the name and the arguments', () => {
    expect(isSameStep({ name: step.name, args: ['a b', 'c'] }, step)).toBe(true);
    expect(isSameStep({ name: step.name, args: ['a', 'b c'] }, step)).toBe(false);
    expect(isSameStep({ name: step.name, args: ['a b'] }, step)).toBe(false);
    expect(isSameStep({ name: 'emr-clean/2010-12-01/r2/1-copy-in', args: step.args }, step)).toBe(
      false,
    );
  });
});
