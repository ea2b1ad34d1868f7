import { describe, expect, it } from 'vitest';
import { applyPatch, jsonPatch } from './json-patch.ts';
import type { Values } from './manifest-files.ts';

const before = { letters: ['a', 'b'], inner: { 'with/slash': 1 } };

function patched(...operations: Values[]): Values {
  const after = structuredClone(before);
  applyPatch(after, jsonPatch.parse(operations));
  return after;
}

describe('a JSON patch', () => {
  it.each<[string, Values, Values]>([
    [
      'adds a key',
      { op: 'add', path: '/inner/more~1~0', value: 2 },
      { inner: { 'with/slash': 1, 'more/~': 2 } },
    ],
    [
      'inserts into a list',
      { op: 'add', path: '/letters/1', value: 'c' },
      { letters: ['a', 'c', 'b'] },
    ],
    [
      'appends to a list',
      { op: 'add', path: '/letters/-', value: 'c' },
      { letters: ['a', 'b', 'c'] },
    ],
    [
      'replaces an item',
      { op: 'replace', path: '/letters/0', value: 'c' },
      { letters: ['c', 'b'] },
    ],
    ['removes an item', { op: 'remove', path: '/letters/0' }, { letters: ['b'] }],
    ['removes a key', { op: 'remove', path: '/inner/with~1slash' }, { inner: {} }],
    ['copies', { op: 'copy', from: '/letters/1', path: '/copied' }, { copied: 'b' }],
    [
      'moves a value to where its parent was',
      { op: 'move', from: '/inner/with~1slash', path: '/inner' },
      { inner: 1 },
    ],
  ])('%s', (_, operation, changed) => {
    expect(patched(operation)).toEqual({ ...before, ...changed });
  });

  it('changes a copy and not the original', () => {
    const copy = { op: 'copy', from: '/letters', path: '/copied' };
    expect(patched(copy, { op: 'add', path: '/copied/-', value: 'c' })).toEqual({
      ...before,
      copied: ['a', 'b', 'c'],
    });
  });

  it.each<[string, Values]>([
    ['nothing there', { op: 'replace', path: '/missing', value: 1 }],
    ['nothing there', { op: 'remove', path: '/letters/2' }],
    ['nothing there', { op: 'copy', from: '/missing', path: '/copied' }],
    ['no place in the list', { op: 'add', path: '/letters/3', value: 'c' }],
    ['no place in the list', { op: 'add', path: '/letters/x', value: 'c' }],
    ['expected an object or a list', { op: 'add', path: '/missing/key', value: 1 }],
    ['Invalid discriminator value', { op: 'test', path: '/letters', value: [] }],
  ])('fails with "%s" for %j', (fault, operation) => {
    expect(() => patched(operation)).toThrow(fault);
  });
});
