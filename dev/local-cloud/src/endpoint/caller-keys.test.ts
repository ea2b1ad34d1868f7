import { describe, expect, it } from 'vitest';
import { keyPair } from '../key-pair.ts';
import { callerKeys } from './caller-keys.ts';
import { UsageError } from './endpoint-arguments.ts';

describe('callerKeys', () => {
  it('takes the pair of the environment', () => {
    expect(callerKeys({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' })).toEqual({
      keys: { accessKeyId: 'a', secretAccessKey: 'b' },
      isNew: false,
    });
  });

  it('makes a new pair each time without one', () => {
    const unset = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const [one, other] = [callerKeys({}), callerKeys(unset)];
    expect([one.isNew, other.isNew]).toEqual([true, true]);
    for (const { keys } of [one, other]) expect(keyPair.parse(keys)).toEqual(keys);
    expect(one.keys.accessKeyId).not.toBe(other.keys.accessKeyId);
    expect(one.keys.secretAccessKey).not.toBe(other.keys.secretAccessKey);
  });

  it.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])('refuses %s alone', (name) => {
    expect(() => callerKeys({ [name]: 'x' })).toThrow(UsageError);
  });
});
