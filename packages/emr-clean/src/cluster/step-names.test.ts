import { describe, expect, it } from 'vitest';
import { parseDs } from '@user-behaviour/shared/ds';
import { isStepOf, stepPrefix, tellStep } from './step-names.ts';

const ds = parseDs('2010-12-05');

describe('stepPrefix', () => {
  it('contains a single day once, and the first and last of several', () => {
    expect(stepPrefix([ds], 'r1')).toBe('emr-clean/2010-12-05/r1/');
    expect(stepPrefix([ds, parseDs('2010-12-06'), parseDs('2010-12-09')], 'r1')).toBe(
      'emr-clean/2010-12-05..2010-12-09/r1/',
    );
  });
});

describe('isStepOf', () => {
  it('recognises the steps of a run whose days include the day', () => {
    expect(isStepOf('emr-clean/2010-12-05/r1/2-clean', ds, ['r1'])).toBe(true);
    expect(isStepOf('emr-clean/2010-12-01..2010-12-09/r1/1-copy-in', ds, ['r0', 'r1'])).toBe(true);
    expect(isStepOf('emr-clean/2010-12-05..2010-12-05/r1/1-copy-in', ds, ['r1'])).toBe(true);
  });

  it('rejects every other step', () => {
    for (const name of [
      'emr-clean/2010-12-05/r2/2-clean',
      'emr-clean/2010-12-06/r1/2-clean',
      'emr-clean/2010-12-06..2010-12-09/r1/2-clean',
      'emr-clean/2010-12-01..2010-12-04/r1/2-clean',
      'emr-clean/2010-12-05/r1',
      'other/2010-12-05/r1/2-clean',
      'x emr-clean/2010-12-05/r1/2-clean',
    ]) {
      expect(isStepOf(name, ds, ['r1']), name).toBe(false);
    }
  });
});

describe('tellStep', () => {
  it('says what the step does, and its state unless it runs', () => {
    const clean = 'emr-clean/2010-12-05/r1/2-clean';
    expect(tellStep(clean, 'RUNNING')).toBe(
      'cleaning the reviews with Spark (10 to 40 s to start)',
    );
    expect(tellStep(clean, 'COMPLETED')).toBe('cleaning the reviews with Spark: completed');
    expect(tellStep('emr-clean/2010-12-05/r1/1-copy-in')).toBe(
      'copying the reviews to HDFS: pending',
    );
    expect(tellStep('x', 'CANCEL_PENDING')).toBe('step x: cancel pending');
  });
});
