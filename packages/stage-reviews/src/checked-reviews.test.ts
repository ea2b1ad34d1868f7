import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { CheckedReviews } from './checked-reviews.ts';
import type { ReviewsSource } from './reviews-source.ts';

const signal = new AbortController().signal;
const text = 'cid,review_str\n1,good\n2,"open\n';

/** A source that counts its reads. */
function sourceOf(content: () => string, name = 'vendor.csv') {
  const source = {
    name,
    reads: 0,
    version: () => Promise.resolve('1'),
    async *read() {
      source.reads += 1;
      yield await Promise.resolve(Buffer.from(content()));
    },
  } satisfies ReviewsSource & { reads: number };
  return source;
}

async function readAll(checked: CheckedReviews, source: ReviewsSource, version: string) {
  const { body, tally } = checked.open(source, version, signal);
  return { text: (await buffer(body)).toString(), ...tally };
}

describe('a file that several days share', () => {
  it('is read and checked once and has the same bytes and counts for each day', async () => {
    const checked = new CheckedReviews();
    const source = sourceOf(() => text);
    const days = [await readAll(checked, source, '1'), await readAll(checked, source, '1')];
    expect(days).toEqual([
      { text, reviews: 2, unclosed: 1 },
      { text, reviews: 2, unclosed: 1 },
    ]);
    expect(source.reads).toBe(1);
  });

  it('is read again if its version or name differs', async () => {
    const checked = new CheckedReviews();
    let content = text;
    const source = sourceOf(() => content);
    await readAll(checked, source, '1');
    content = 'cid,review_str\n7,new\n';
    expect(await readAll(checked, source, '2')).toMatchObject({ text: content, reviews: 1 });
    const other = sourceOf(() => text, 'other.csv');
    expect(await readAll(checked, other, '2')).toMatchObject({ text, reviews: 2 });
  });

  it('is checked for each day if it is wrong', async () => {
    const checked = new CheckedReviews();
    const source = sourceOf(() => 'cid,review_str\n');
    for (const day of [1, 2]) {
      await expect(readAll(checked, source, '1')).rejects.toMatchObject({ kind: 'data' });
      expect(source.reads).toBe(day);
    }
  });

  it('is read for each day if it is large', async () => {
    const large = `cid,review_str\n${'1,a review\n'.repeat(800_000)}`;
    const checked = new CheckedReviews();
    const source = sourceOf(() => large);
    for (const day of [1, 2]) {
      expect(await readAll(checked, source, '1')).toMatchObject({ reviews: 800_000 });
      expect(source.reads).toBe(day);
    }
  });
});
