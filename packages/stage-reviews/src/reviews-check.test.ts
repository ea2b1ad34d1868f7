import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '@user-behaviour/shared/failure';
import { checkReviews, type ReviewsTally } from './reviews-check.ts';

const header = 'cid,review_str\n';

type Cut = (bytes: Uint8Array) => readonly Uint8Array[];
const whole: Cut = (bytes) => [bytes];
const inBytes: Cut = (bytes) => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
const cuts: readonly (readonly [string, Cut])[] = [
  ['whole', whole],
  ['byte by byte', inBytes],
];

interface Checked {
  readonly tally: ReviewsTally;
  readonly passed: Buffer;
  readonly failure: Failure | undefined;
}

async function check(content: string | Uint8Array, cut: Cut = whole): Promise<Checked> {
  const chunks = cut(Buffer.from(content));
  async function* stream() {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
  const tally = { reviews: 0, unclosed: 0, tooLong: 0 };
  const passed: Uint8Array[] = [];
  try {
    for await (const chunk of checkReviews('movie.csv', stream(), tally)) passed.push(chunk);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { tally, passed: Buffer.concat(passed), failure: error };
  }
  return { tally, passed: Buffer.concat(passed), failure: undefined };
}

/** Concatenates texts and single bytes. */
const bytes = (...parts: readonly (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(typeof part === 'string' ? part : [part])));

interface HardLine {
  readonly name: string;
  readonly text: string;
  readonly reviews: number;
}
const hardLines = JSON.parse(
  readFileSync(new URL('../../../spark/tests/hard_lines.json', import.meta.url), 'utf8'),
) as readonly HardLine[];

describe('the number of reviews (I8)', () => {
  it.each(hardLines)('is $reviews for $name', async ({ text, reviews }) => {
    for (const [, cut] of cuts) {
      for (const head of [header, 'cid,review_str\r\n']) {
        const { tally, failure } = await check(head + text, cut);
        expect({ tally: tally.reviews, failure }).toEqual({ tally: reviews, failure: undefined });
      }
    }
  });

  it('includes those with an odd number of quotes, which are also counted separately', async () => {
    const { tally } = await check(`${header}1,"a\n2,b"\n3,"c"\n4,"d ""e"""\n\n`);
    expect(tally).toMatchObject({ reviews: 4, unclosed: 2 });
  });
});

describe('a good file', () => {
  it.each(cuts)('passes unchanged, %s', async (_, cut) => {
    const text = `\ufeff${header}1,a\r\n2,"b, ""c"""\n3,żółć 😀`;
    const { tally, passed, failure } = await check(text, cut);
    expect(failure).toBeUndefined();
    expect(passed.equals(Buffer.from(text))).toBe(true);
    expect(tally).toMatchObject({ reviews: 3, unclosed: 0 });
  });

  it.each([
    ['"cid","review_str"\n', 'cid,review_str\n'],
    ['cid,"review_str"\r\n', 'cid,review_str\r\n'],
    ['\ufeff"cid",review_str\n', '\ufeffcid,review_str\n'],
  ])('may have quotes in its header, which are removed: %j', async (quoted, plain) => {
    for (const [, cut] of cuts) {
      const { tally, passed, failure } = await check(`${quoted}"1","a, b"\n2,c`, cut);
      expect(failure).toBeUndefined();
      expect(passed.toString()).toBe(`${plain}"1","a, b"\n2,c`);
      expect(tally).toMatchObject({ reviews: 2, unclosed: 0 });
    }
  });

  it('has the same counts for any division into chunks, equal to those of its lines', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', ',', '"', '\r', ' ', '\0', 'é', '😀') });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.boolean(),
        fc.array(fc.nat({ max: 300 })),
        async (lines, endsWithFeed, at) => {
          const body = Buffer.from(
            `${header}1,first\n${lines.join('\n')}${endsWithFeed ? '\n' : ''}`,
          );
          const ends = [...at.map((cut) => cut % (body.length + 1)), body.length];
          ends.sort((a, b) => a - b);
          const split: Cut = (all) =>
            ends.map((end, index) => all.subarray(index === 0 ? 0 : ends[index - 1], end));
          const { tally, passed, failure } = await check(body, split);
          const reviews = lines.filter((text) => text.replace(/\r+$/, '') !== '');
          const unclosed = reviews.filter((text) => text.split('"').length % 2 === 0);
          expect(failure).toBeUndefined();
          expect(tally).toMatchObject({ reviews: reviews.length + 1, unclosed: unclosed.length });
          expect(passed.equals(body)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('text that is not UTF-8', () => {
  const faults: readonly (readonly [string, Buffer, number])[] = [
    ['in the header', bytes('cid,review', 0xff, 'str\n1,a\n'), 1],
    ['a Latin-1 letter in line 3', bytes(header, '1,a\n2,', 0xe9, 't', 0xe9, '\n3,c\n'), 3],
    ['after a whole character', bytes(header, '1,é\n2,b\n3,', 0xff, '\n'), 4],
    ['a character cut short by a line feed', bytes(header, '1,', 0xc3, '\n2,b\n3,', 0xff), 2],
    ['a character cut short by the end', bytes(header, '1,a\n2,', 0xf0, 0x9f, 0x98), 3],
    ['a continuation byte alone', bytes(header, '1,a\n', 0x80, '\n'), 3],
    ['four continuation bytes', bytes(header, 0x80, 0x80, 0x80, 0x80, '\n1,a\n'), 2],
    ['an overlong form', bytes(header, '1,a\n2,', 0xc0, 0xaf, '\n'), 3],
    ['a surrogate', bytes(header, '1,a\n2,', 0xed, 0xa0, 0x80, '\n'), 3],
    ['beyond U+10FFFF', bytes(header, '1,a\n2,', 0xf4, 0x90, 0x80, 0x80, '\n'), 3],
    ['an invalid first byte', bytes(header, '1,a\n2,b\n', 0xfe), 4],
  ];
  it.each(faults)(
    '%s is rejected with its line for any division into chunks',
    async (_, content, line) => {
      const splits = Array.from({ length: content.length }, (_unused, at): Cut => (all) => [
        all.subarray(0, at),
        all.subarray(at),
      ]);
      for (const cut of [whole, inBytes, ...splits]) {
        const { failure } = await check(content, cut);
        expect(failure?.kind).toBe('data');
        expect(failure?.message).toBe(`movie.csv is not UTF-8 in line ${String(line)}`);
      }
    },
  );

  it('is found in any bytes and chunks in the same line as by a full decoder', async () => {
    const piece = fc.oneof(fc.uint8Array({ maxLength: 5 }), fc.constant(Buffer.from('\n')));
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece),
        fc.nat({ max: 60 }),
        fc.nat({ max: 60 }),
        async (pieces, one, other) => {
          const body = Buffer.concat([Buffer.from(`${header}1,a\n`), ...pieces]);
          const [first = 0, second = 0] = [one, other].sort((a, b) => a - b);
          const { failure } = await check(body, (all) => [
            all.subarray(0, first),
            all.subarray(first, second),
            all.subarray(second),
          ]);
          const wrong = lineThatDoesNotDecode(body);
          expect(failure?.message).toBe(
            wrong === undefined ? undefined : `movie.csv is not UTF-8 in line ${String(wrong)}`,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is found even if the source reuses its chunk', async () => {
    async function* reusing() {
      const chunk = Buffer.alloc(1);
      for (const byte of bytes(header, '1,', 0xc3, 'a\n')) {
        chunk[0] = byte;
        yield await Promise.resolve(chunk);
      }
    }
    const tally = { reviews: 0, unclosed: 0, tooLong: 0 };
    const reading = Array.fromAsync(checkReviews('movie.csv', reusing(), tally));
    await expect(reading).rejects.toThrow('movie.csv is not UTF-8 in line 2');
  });
});

/** The first line, counted from 1, that Node's decoder rejects. */
function lineThatDoesNotDecode(body: Buffer): number | undefined {
  for (let from = 0, line = 1; from <= body.length; line += 1) {
    const feed = body.indexOf(10, from);
    const end = feed === -1 ? body.length : feed;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(body.subarray(from, end));
    } catch {
      return line;
    }
    from = end + 1;
  }
  return undefined;
}

describe('a wrong file', () => {
  const none = 'movie.csv has a header but no reviews; expected at least one';
  const empty = 'movie.csv is empty; expected the header cid,review_str and reviews';
  const wrong = 'movie.csv does not begin with the header cid,review_str';
  it.each([
    ['', empty],
    ['\ufeff', empty],
    ['cid,review_str', none],
    ['cid,review_str\n', none],
    ['\ufeffcid,review_str\r\n', none],
    [`${header}\n\r\n\r\r\n`, none],
    ['\n', wrong],
    [`\n${header}1,a\n`, wrong],
    ['1,a\n2,b\n', wrong],
    ['review_str,cid\na,1\n', wrong],
    ['CID,review_str\n1,a\n', wrong],
    ['cid,review_str \n1,a\n', wrong],
    ['cid,review_str\r\r\n1,a\n', wrong],
    ['cid,review_str\r1,a\r2,b', wrong],
    ['"cid,review_str"\n1,a\n', wrong],
    ['"cid","review_str\n1,a\n', wrong],
    ['"cid", "review_str"\n1,a\n', wrong],
    [`\ufeff\ufeff${header}1,a\n`, wrong],
    ['x'.repeat(5_000), wrong],
  ])('%j is rejected', async (text, message) => {
    for (const [, cut] of cuts) {
      const { failure } = await check(text, cut);
      expect([failure?.kind, failure?.message]).toEqual(['data', message]);
      expect(failure?.action).toContain('nothing was published');
    }
  });

  it('is rejected before it yields any bytes if its first line is wrong', async () => {
    const { passed } = await check(`wrong\n${'1,a\n'.repeat(100)}`);
    expect(passed).toHaveLength(0);
  });
});
