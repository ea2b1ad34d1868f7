import { expect, it } from 'vitest';
import { Tail } from './tail.ts';

const stream = Uint8Array.from({ length: 1_000 }, (_, at) => at % 251);

it.each([
  [10, 1],
  [10, 7],
  [10, 300],
  [999, 64],
  [1_000, 64],
  [5_000, 1_000],
])('keeps the last %i bytes of chunks of %i', (limit, size) => {
  const tail = new Tail(limit);
  for (let at = 0; at < stream.length; at += size) tail.push(stream.subarray(at, at + size));
  expect(tail.bytes()).toEqual(stream.slice(-limit));
});

it('is empty for an empty stream', () => {
  expect(new Tail(10).bytes()).toEqual(new Uint8Array());
});
