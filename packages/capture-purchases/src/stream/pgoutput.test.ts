import { describe, expect, it } from 'vitest';
import { decode } from './pgoutput.ts';
import { formatPosition, parsePosition } from './position.ts';

const int = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const short = (value: number) => int(value).subarray(2);
const long = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
const text = (value: string) => Buffer.from(`${value}\0`);
const message = (...parts: readonly (Buffer | string)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));

/** A row of pgoutput; undefined is an unchanged TOAST value. */
const row = (...values: readonly (string | null | undefined)[]) =>
  message(
    short(values.length),
    ...values.map((value) => {
      if (value === null) return 'n';
      return value === undefined ? 'u' : message('t', int(Buffer.byteLength(value)), value);
    }),
  );

const values = (found: readonly (Buffer | null | undefined)[] | undefined) =>
  found?.map((value) => value?.toString());

describe('decode', () => {
  it('reads the beginning and the end of a transaction', () => {
    expect(decode(message('B', long(1n), long(2n), int(4_000_000_000)))).toEqual({
      type: 'begin',
      xid: 4_000_000_000,
    });
    const end = message('C', '\0', long(1n), long(2n ** 40n + 5n), long(3n));
    expect(decode(end)).toEqual({ type: 'commit', end: 2n ** 40n + 5n });
  });

  it('reads the columns of a table', () => {
    const column = (name: string) => message('\x01', text(name), int(25), int(0xff_ff_ff_ff));
    const bytes = message('R', int(7), text('retail'), text('user_purchase'), 'f', short(2));
    expect(decode(message(bytes, column('quantity'), column('détail')))).toEqual({
      type: 'relation',
      relation: {
        oid: 7,
        schema: 'retail',
        name: 'user_purchase',
        columns: ['quantity', 'détail'],
      },
    });
  });

  it('reads rows, after a header', () => {
    const found = decode(message('header', 'I', int(7), 'N', row('é\t', null, '')), 6);
    expect(found).toMatchObject({ type: 'insert', oid: 7 });
    expect(found?.type === 'insert' && found.after.map((value) => value?.toString())).toEqual([
      'é\t',
      undefined,
      '',
    ]);
    const removed = decode(message('D', int(7), 'O', row('a')));
    expect(removed?.type === 'delete' && values(removed.before)).toEqual(['a']);
  });

  it('takes a value that an update left out from the old row', () => {
    const found = decode(message('U', int(7), 'O', row('1', 'long'), 'N', row('2', undefined)));
    expect(found?.type === 'update' && [values(found.before), values(found.after)]).toEqual([
      ['1', 'long'],
      ['2', 'long'],
    ]);
  });

  it('knows no old row if the identity is not full', () => {
    const [update, withKey, removed] = [
      decode(message('U', int(7), 'N', row('2'))),
      decode(message('U', int(7), 'K', row('1'), 'N', row('2'))),
      decode(message('D', int(7), 'K', row('1'))),
    ];
    for (const found of [update, withKey, removed]) {
      expect(found).toHaveProperty('before', undefined);
    }
  });

  it('reads which tables were truncated, and skips what is not about rows', () => {
    expect(decode(message('T', int(2), '\0', int(7), int(8)))).toEqual({
      type: 'truncate',
      oids: [7, 8],
    });
    for (const type of ['Y', 'O', 'M']) expect(decode(message(type, int(1)))).toBeUndefined();
  });

  it.each([
    message('X'),
    message('D', int(7), 'Z', row()),
    message('I', int(7), 'N', short(1), 'b'),
  ])('refuses what protocol version 1 does not have: %j', (bytes) => {
    expect(() => decode(bytes)).toThrow(/unknown (type|kind)/);
  });
});

it.each(['0/0', '0/16B3748', 'A/FFFFFFFF', '1/0'])('a place in the log stays %s', (place) => {
  expect(formatPosition(parsePosition(place))).toBe(place);
});
