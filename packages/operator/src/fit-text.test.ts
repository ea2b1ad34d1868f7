import { describe, expect, it } from 'vitest';
import { cut, tellDuration, wrap } from './fit-text.ts';

describe('a text', () => {
  it('is cut with an ellipsis if it is too long', () => {
    expect(cut('abcdef', 6)).toBe('abcdef');
    expect(cut('abcdefg', 6)).toBe('abcde…');
  });

  it('is wrapped between words, and within a word that is too long', () => {
    expect(wrap('one two  three', 7)).toEqual(['one two', 'three']);
    expect(wrap('a s3://bucket/key b', 6)).toEqual(['a', 's3://b', 'ucket/', 'key b']);
    expect(wrap('', 6)).toEqual([]);
    expect(wrap('one two', Infinity)).toEqual(['one two']);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0.0 s'],
    [240, '0.2 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [34_400, '34 s'],
    [125_000, '2 min 5 s'],
  ])('of %i ms is %s', (milliseconds, text) => {
    expect(tellDuration(milliseconds)).toBe(text);
  });
});
