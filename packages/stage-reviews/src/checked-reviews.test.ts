import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { CheckedReviews } from './checked-reviews.ts';
import type { Look, ReviewsSource } from './source/reviews-source.ts';

const signal = new AbortController().signal;
const text = 'cid,review_str\n1,good\n2,"open\n';

const lookOf = (version: string) => ({ version, bytes: 9 });

/** A source that counts its reads. */
function sourceOf(content: () => string, name = 'vendor.csv') {
  const source: ReviewsSource & { reads: number; version: string } = {
    name,
    reads: 0,
    version: '1',
    look: (): Promise<Look> => Promise.resolve(lookOf(source.version)),
    async *read() {
      source.reads += 1;
      yield await Promise.resolve(Buffer.from(content()));
    },
  };
  return source;
}

async function readAll(checked: CheckedReviews, source: ReviewsSource, version: string) {
  const { body, tally } = checked.open(source, lookOf(version), signal);
  return { text: (await buffer(body)).toString(), ...tally };
}

describe('a file that several days share', () => {
  it('is read and checked once and has the same bytes and counts for each day', async () => {
    const checked = new CheckedReviews(1_024);
    const source = sourceOf(() => text);
    const days = [await readAll(checked, source, '1'), await readAll(checked, source, '1')];
    expect(days).toEqual([
      { text, reviews: 2, unclosed: 1, tooLong: 0 },
      { text, reviews: 2, unclosed: 1, tooLong: 0 },
    ]);
    expect(source.reads).toBe(1);
  });

  it('is read again if its version or name differs', async () => {
    const checked = new CheckedReviews(1_024);
    let content = text;
    const source = sourceOf(() => content);
    await readAll(checked, source, '1');
    content = 'cid,review_str\n7,new\n';
    source.version = '2';
    expect(await readAll(checked, source, '2')).toMatchObject({ text: content, reviews: 1 });
    const other = sourceOf(() => text, 'other.csv');
    other.version = '2';
    expect(await readAll(checked, other, '2')).toMatchObject({ text, reviews: 2 });
  });

  it('has the same notice of a long line for each day', async () => {
    const checked = new CheckedReviews(1_024);
    const source = sourceOf(() => `cid,review_str\n1,good\n2,${'x'.repeat(2_000)}\n`);
    const days = [await readAll(checked, source, '1'), await readAll(checked, source, '1')];
    expect(days[0]).toMatchObject({ reviews: 2, tooLong: 1 });
    expect(days[0]?.text).toContain('\nline_too_long:2002:2,xxx');
    expect(days[1]).toEqual(days[0]);
    expect(source.reads).toBe(1);
  });

  it('is checked for each day if it is wrong', async () => {
    const checked = new CheckedReviews(1_024);
    const source = sourceOf(() => 'cid,review_str\n');
    for (const day of [1, 2]) {
      await expect(readAll(checked, source, '1')).rejects.toMatchObject({ kind: 'data' });
      expect(source.reads).toBe(day);
    }
  });

  it('is read for each day if it is large', async () => {
    const large = `cid,review_str\n${'1,a review\n'.repeat(800_000)}`;
    const checked = new CheckedReviews(1_024);
    const source = sourceOf(() => large);
    for (const day of [1, 2]) {
      expect(await readAll(checked, source, '1')).toMatchObject({ reviews: 800_000 });
      expect(source.reads).toBe(day);
    }
  });
});

describe('a file that changes while it is read', () => {
  it.each([
    ['is right', text],
    ['is wrong as far as it was read', 'cid,review_str\n'],
    ['is not text', 'PK\u0003\u0004'],
  ])('is transient if it %s, and is not kept', async (_, content) => {
    const checked = new CheckedReviews(1_024);
    const source = sourceOf(() => {
      source.version = '2';
      return content;
    });
    for (const time of [1, 2]) {
      await expect(readAll(checked, source, '1')).rejects.toMatchObject({
        kind: 'transient',
        message: 'the reviews file vendor.csv changed while it was read',
      });
      expect(source.reads).toBe(time);
    }
  });

  it('is transient if it is removed', async () => {
    const source = sourceOf(() => text);
    const gone = { ...source, look: () => Promise.resolve(undefined) };
    await expect(readAll(new CheckedReviews(1_024), gone as never, '1')).rejects.toMatchObject({
      kind: 'transient',
    });
  });
});
