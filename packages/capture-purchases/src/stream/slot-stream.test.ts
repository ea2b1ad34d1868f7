import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SlotStream } from './slot-stream.ts';

/** A message of the server, with numbers of 64 bits at these places. */
function bytes(
  length: number,
  letters: Readonly<Record<number, string>>,
  places: readonly [number, bigint][],
) {
  const chunk = Buffer.alloc(length);
  for (const [at, letter] of Object.entries(letters)) chunk.write(letter, Number(at));
  for (const [at, value] of places) chunk.writeBigUInt64BE(value, at);
  return { chunk };
}
const begin = bytes(46, { 0: 'w', 25: 'B' }, []);
const commitAt = (end: bigint) => bytes(51, { 0: 'w', 25: 'C' }, [[35, end]]);
const keepaliveAt = (position: bigint) => bytes(18, { 0: 'k' }, [[1, position]]);

/** What a stream up to 100 makes of these messages: the place that it has reached, and those between two transactions. */
async function read(...messages: readonly { readonly chunk: Buffer }[]) {
  const places: bigint[] = [];
  using stream = new SlotStream({
    ...{ slot: 's', publication: 'p', from: 10n, target: 100n, patience: 60_000 },
    onMessage: () => undefined,
    onPlace: (position) => {
      places.push(position);
      return undefined;
    },
    signal: new AbortController().signal,
  });
  const reached = stream.readFrom({ query: () => undefined } as never);
  for (const message of messages) stream.handleCopyData(message);
  return { reached: await Promise.race([reached, setImmediate(undefined)]), places };
}

it('ends with the server’s position between two transactions, each of which is a place to save', async () => {
  expect(await read(keepaliveAt(20n), begin, commitAt(40n), keepaliveAt(120n))).toEqual({
    reached: 120n,
    places: [20n, 40n, 120n],
  });
});

it('does not end in the middle of a transaction, however far the server is', async () => {
  expect(await read(begin, keepaliveAt(120n))).toEqual({ reached: undefined, places: [] });
  const whole = await read(begin, keepaliveAt(120n), commitAt(110n), begin);
  expect(whole).toEqual({ reached: 110n, places: [110n] });
});

it('does not go back before a commit of which the server has not told its position yet', async () => {
  const { places } = await read(begin, commitAt(40n), keepaliveAt(30n), keepaliveAt(40n));
  expect(places).toEqual([40n, 40n]);
});
