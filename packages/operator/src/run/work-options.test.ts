import { describe, expect, it } from 'vitest';
import type { Shell } from '../shell.ts';
import { mannerOf } from './work-options.ts';

const shell = { env: {}, optionName: (name: string) => name.toUpperCase() } as unknown as Shell;
const manner = (wait: string) =>
  mannerOf({ retries: '2', retryDelay: '5', verbose: false, wait }, shell);

describe('WAIT', () => {
  it.each(['0s', '30m', '7d'])('may be %s', (wait) => {
    expect(manner(wait)).toMatchObject({ wait });
  });

  it.each(['30d', '169h', '8d', '5', ''])('may not be %j, which no job takes', (wait) => {
    expect(() => manner(wait)).toThrow('WAIT must be a time such as');
  });
});
