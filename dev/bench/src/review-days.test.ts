import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { splitReviews } from './review-days.ts';

describe('splitting reviews', () => {
  it('assigns every review to one day and gives each day a header', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-reviews-'));
    try {
      const file = join(folder, 'all.csv');
      await writeFile(file, 'cid,review_str\n1,a\n2,b\n3,c\n4,d\n5,e\n');
      const address = await splitReviews(file, join(folder, 'days'), '2010-12-30', 3);
      const texts = await Promise.all(
        ['2010-12-30', '2010-12-31', '2011-01-01'].map((ds) =>
          readFile(address.replace('{ds}', ds), 'utf8'),
        ),
      );
      expect(texts.every((text) => text.startsWith('cid,review_str\n'))).toBe(true);
      const reviews = texts.flatMap((text) => text.trimEnd().split('\n').slice(1));
      expect(reviews).toEqual(['1,a', '2,b', '3,c', '4,d', '5,e']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
