import { setTimeout as pause } from 'node:timers/promises';
import { parseDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import { expect, it } from 'vitest';
import { readUpstreams } from './upstreams.ts';

const ds = parseDs('2010-12-01');
const session = { wait: 0, signal: new AbortController().signal };
const [purchases, reviews] = ['user_purchase/stage', 'movie_review/stage'] as const;

/** A store in which these are found, missing, or fail; the purchases come last. */
const store = (of: Readonly<Partial<Record<Dataset, Published | Error>>>) => ({
  async require(dataset: Dataset): Promise<Published> {
    if (dataset === purchases) await pause(5);
    const found = of[dataset] ?? new Failure('not-ready', `${dataset} is missing`);
    if (found instanceof Error) throw found;
    return found;
  },
});
const published = (etag: string) => ({ etag }) as Published;

it('are both read', async () => {
  const both = { [purchases]: published('p'), [reviews]: published('r') };
  await expect(readUpstreams(ds, store(both), session)).resolves.toEqual({
    purchases: published('p'),
    reviews: published('r'),
  });
});

it.each([
  [{}, `${purchases} is missing; ${reviews} is missing`],
  [{ [purchases]: published('p') }, `${reviews} is missing`],
  [{ [reviews]: published('r') }, `${purchases} is missing`],
])('are named together where they are missing: of %j', async (of, message) => {
  await expect(readUpstreams(ds, store(of), session)).rejects.toMatchObject({
    kind: 'not-ready',
    message,
  });
});

it('fail as they do where one cannot be read, whatever the other is', async () => {
  const failure = new Failure('transient', 'S3 is away');
  for (const of of [{ [purchases]: failure }, { [reviews]: failure }]) {
    await expect(readUpstreams(ds, store(of), session)).rejects.toBe(failure);
  }
});
