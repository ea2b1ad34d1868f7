import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chooseReviews } from './set-reviews.ts';

const choose = async (content: string) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'set-reviews-'));
  await writeFile(join(folder.path, 'r.csv'), content);
  const state = join(folder.path, 'state');
  const settings = join(folder.path, '.env.local');
  const { source } = await chooseReviews('r.csv', { cwd: folder.path, state, settings });
  return source === join(folder.path, 'r.csv');
};

it.each(['cid,review_str', '"cid","review_str"', '\ufeff"cid",review_str\r'])(
  'takes the header %j, as the job does',
  async (header) => {
    expect(await choose(`${header}\n1,good\n`)).toBe(true);
  },
);

it.each(['cid,review', 'cid;review_str', '"cid,review_str"', ''])(
  'refuses the header %j',
  async (header) => {
    await expect(choose(`${header}\n1,good\n`)).rejects.toMatchObject({
      exit: 65,
      message: 'REVIEWS: r.csv does not begin with the header cid,review_str',
    });
  },
);
