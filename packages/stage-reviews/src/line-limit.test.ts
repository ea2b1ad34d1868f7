import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitLines } from './line-limit.ts';
import { sparkScript } from './spark-script.ts';

/** Limits the lines of chunks that the source overwrites once they are read. */
async function limit(chunks: readonly (string | Uint8Array)[], longest: number) {
  async function* reused() {
    for (const chunk of chunks) {
      const bytes = Buffer.from(chunk);
      yield await Promise.resolve(bytes);
      bytes.fill('#');
    }
  }
  const tally = { reviews: 0, unclosed: 0, tooLong: 0 };
  const passed: string[] = [];
  let largest = 0;
  for await (const chunk of limitLines(reused(), longest, tally)) {
    passed.push(Buffer.from(chunk).toString());
    largest = Math.max(largest, chunk.length);
  }
  return { text: passed.join(''), tooLong: tally.tooLong, largest };
}

const byteByByte = (text: string) => Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte));

describe('lines', () => {
  it.each([
    ['of the limit pass', '12345678\n12345678', '12345678\n12345678', 0],
    ['above it become notices', '1\n123456789\n2\n', '1\nline_too_long:9:12345678\n2\n', 1],
    ['may be the last', 'a\n123456789', 'a\nline_too_long:9:12345678', 1],
    ['may be the only one', '123456789', 'line_too_long:9:12345678', 1],
    [
      'may follow one another',
      '111111111\n222222222\n',
      'line_too_long:9:11111111\nline_too_long:9:22222222\n',
      2,
    ],
    ['count in bytes', 'żółćż\nżółć\n', 'line_too_long:10:żółć\nżółć\n', 1],
    ['count without \\r at the end', '1234567\r\r\r\n', '1234567\r\n', 0],
    ['count with \\r before the end', '1\r\r\r\r\r\r\r9\n', 'line_too_long:9:1\r\r\r\r\r\r\r\n', 1],
    ['of nothing but \\r stay blank', `1\n${'\r'.repeat(30)}\n2\n`, '1\n\r\r\r\r\r\r\r\r\n2\n', 0],
    ['may be none', '', '', 0],
  ])('%s', async (_, text, expected, tooLong) => {
    for (const chunks of [[text], byteByByte(text)]) {
      expect(await limit(chunks, 8)).toMatchObject({ text: expected, tooLong });
    }
  });

  it('above it have a notice that the Spark script knows', async () => {
    const { text } = await limit(['123456789'], 8);
    const known = /NOTICE_OF_LONG_LINE = r"(.+)"/.exec(sparkScript().text)?.[1] ?? '(?!)';
    expect(text).toMatch(new RegExp(known));
  });

  it('are cut in a notice, between two characters', async () => {
    const notice = `line_too_long:3000:${'€'.repeat(66)}\n`;
    expect(await limit(['€'.repeat(1_000), '\n'], 1_024)).toMatchObject({ text: notice });
  });

  it('without an end need no more memory than the limit', async () => {
    const chunk = Buffer.alloc(1_000, 'x');
    const endless = Array.from({ length: 1_000 }, () => chunk);
    const { text, largest } = await limit([...endless, '\n1,a\n'], 4_096);
    expect(text).toBe(`line_too_long:1000000:${'x'.repeat(200)}\n1,a\n`);
    expect(largest).toBeLessThan(1_024);
  });

  it('are the same for any division into chunks', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', '"', '\r', 'é', ','), maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.array(fc.nat({ max: 200 })),
        async (lines, at) => {
          const bytes = Buffer.from(lines.join('\n'));
          const ends = [...at.map((cut) => cut % (bytes.length + 1)), bytes.length];
          ends.sort((a, b) => a - b);
          const chunks = ends.map((end, n) => bytes.subarray(n === 0 ? 0 : ends[n - 1], end));
          const sizes = lines.map((text) => Buffer.byteLength(text.replace(/\r+$/, '')));
          const { text, tooLong } = await limit(chunks, 8);
          const found = text.split('\n');
          expect(found).toHaveLength(Math.max(1, lines.length));
          for (const [n, size] of sizes.entries()) {
            if (size > 8) expect(found[n]).toMatch(new RegExp(`^line_too_long:${size}:`));
            else expect(found[n]?.replace(/\r+$/, '')).toBe(lines[n]?.replace(/\r+$/, ''));
          }
          expect(tooLong).toBe(sizes.filter((size) => size > 8).length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
