import { describe, expect, it } from 'vitest';
import { callerKeys } from './caller-keys.ts';
import { UsageError } from './endpoint-arguments.ts';

describe('callerKeys', () => {
  it('takes the pair of the environment', () => {
    expect(callerKeys({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' })).toEqual({
      accessKeyId: 'a',
      secretAccessKey: 'b',
      isNew: false,
    });
  });

  it('makes a new pair each time without one', () => {
    const pairs = [callerKeys({}), callerKeys({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })];
    for (const pair of pairs) {
      expect(pair.accessKeyId).toMatch(/^LKIA[0-9A-F]{16}$/);
      expect(pair.secretAccessKey).toMatch(/^[\w-]{40}$/);
      expect(pair.isNew).toBe(true);
    }
    expect(new Set(pairs.map(({ secretAccessKey }) => secretAccessKey)).size).toBe(2);
    expect(new Set(pairs.map(({ accessKeyId }) => accessKeyId)).size).toBe(2);
  });

  it.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])('refuses %s alone', (name) => {
    expect(() => callerKeys({ [name]: 'x' })).toThrow(UsageError);
  });
});
