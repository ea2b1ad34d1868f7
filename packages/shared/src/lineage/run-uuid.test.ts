import { expect, it } from 'vitest';
import { runUuid } from './run-uuid.ts';

it('is what uuid5 of Python makes in the same space, and stays so', () => {
  expect(runUuid('user-behaviour/emr-clean/2010-12-01/r1')).toBe(
    '5b5eec9b-b6ce-5169-a706-30b6820b3efa',
  );
  expect(runUuid('żółć')).toBe('5edf3a21-3d2b-5383-bd6d-99baa4e91f28');
});
