import { S3Client } from '@aws-sdk/client-s3';
import { type Ds, parseDs } from '@user-behaviour/shared/ds';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import { beforeEach, expect, it, vi } from 'vitest';
import { operatorConfiguration } from '../config.ts';
import { listRuns } from './list-runs.ts';

const ds = parseDs('2010-12-01');
const published: Partial<Record<Dataset, string>> = {};
const leases: { ds: Ds; body: { run: string; expiresAt: string } }[] = [];
const loaded = new Map<Ds, { purchasesRun: string; reviewsRun: string }>();

/** Every folder has the runs a and b of the day. */
vi.mock('../facts/inventory.ts', () => ({
  takeInventory: () =>
    Promise.resolve(
      new Map([
        [
          ds,
          {
            runs: new Map([
              ['a', []],
              ['b', []],
            ]),
          },
        ],
      ]),
    ),
}));
vi.mock('../facts/day-facts.ts', () => ({
  readManifests: (_where: unknown, dataset: Dataset) => {
    const manifest = { run: published[dataset], upstream: [], totals: { rejected: 0 } };
    return Promise.resolve({
      dataset,
      published: new Map([[ds, { manifest }]]),
      damage: new Map(),
    });
  },
}));
vi.mock('../facts/leases.ts', () => ({ readLeases: () => Promise.resolve(leases) }));
vi.mock('../facts/ledger.ts', () => ({ readLedger: () => Promise.resolve(loaded) }));

beforeEach(() => {
  Object.assign(published, { 'user_purchase/stage': 'a', 'movie_review/stage': 'a' });
  loaded.set(ds, { purchasesRun: 'a', reviewsRun: 'a' });
});

const found = async (dataset: Dataset, name: string) => {
  const configuration = operatorConfiguration({
    PIPELINE_BUCKET: 'stages',
    AWS_REGION: 'eu-west-1',
    REDSHIFT_DATABASE: 'dev',
  });
  const runs = await listRuns({ s3: new S3Client({}), bucket: 'stages' }, configuration);
  return runs.find(({ folder, run }) => folder === dataset && run === name);
};

it.each(['user_purchase/stage', 'movie_review/stage'] as const)(
  'of %s, the loaded run is shown until another is published, since a load may have moved the partition',
  async (dataset) => {
    expect(await found(dataset, 'a')).toMatchObject({ isShown: true });
    published[dataset] = 'b';
    expect(await found(dataset, 'a')).toMatchObject({ isShown: false });
    expect(await found(dataset, 'b')).toMatchObject({ isShown: false });
  },
);

it('only the run that has the lease holds the day: what it replaces stays unread', async () => {
  leases.push({ ds, body: { run: 'b', expiresAt: '9999-12-31T00:00:00Z' } });
  expect(await found('movie_review/stage', 'a')).toMatchObject({ isHeld: false });
  expect(await found('movie_review/stage', 'b')).toMatchObject({ isHeld: true });
});
