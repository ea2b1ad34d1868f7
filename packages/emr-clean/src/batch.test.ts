import { type Ds, nextDs } from '@user-behaviour/shared/ds';
import { leaseKey, scriptKey } from '@user-behaviour/shared/keys';
import { describe, expect, it } from 'vitest';
import { ds, stagedDay } from '../test/day-fixture.ts';
import { stage } from '../test/staged-reviews.ts';
import { cleanBatch } from './batch.ts';
import type { Clusters } from './cluster/clusters.ts';

/** Cleans the day of the fixture; its cluster cannot be used. Returns whether it was asked for. */
async function clean({ day, context }: Awaited<ReturnType<typeof stagedDay>>): Promise<boolean> {
  let asked = false;
  const clusters = {
    forRun: () => {
      asked = true;
      return Promise.reject(new Error('no cluster here'));
    },
  } as unknown as Clusters;
  await cleanBatch([day], context.reportDay, { ...context, clusters, stepTimeout: 1 });
  return asked;
}

describe('days with other limits for rejected reviews', () => {
  /** How many applications clean two days with these limits. */
  async function applications(limits: readonly number[]): Promise<number> {
    const { bucket, day, context, reported } = await stagedDay();
    const next = nextDs(ds);
    await stage(bucket, next, { lines: ['2,other'] });
    let asked = 0;
    const forRun = () => Promise.reject(new Error(`no cluster here: ${String((asked += 1))}`));
    await cleanBatch([day, { ...day, ds: next }], context.reportDay, {
      ...context,
      maxRejected: (of: Ds) => limits[of === ds ? 0 : 1] ?? 0,
      clusters: { forRun } as unknown as Clusters,
      stepTimeout: 1,
    });
    expect(reported).toHaveLength(2);
    return asked;
  }

  it('are not in one application', async () => {
    expect(await applications([0.01, 0.01])).toBe(1);
    expect(await applications([0.01, 0.5])).toBe(2);
  });
});

const scriptOf = ({ bucket }: Awaited<ReturnType<typeof stagedDay>>): string => {
  const key = [...bucket.objects.keys()].find((one) => one.startsWith('scripts/'));
  return key ?? scriptKey('none');
};

describe('the script of a day', () => {
  it('reaches the cluster if its bytes are those that its key names', async () => {
    const fixture = await stagedDay();
    expect(await clean(fixture)).toBe(true);
  });

  it.each(['print("other")\n', undefined])(
    'does not reach the cluster if its bytes are %j',
    async (content) => {
      const fixture = await stagedDay();
      const { bucket, reported } = fixture;
      const key = scriptOf(fixture);
      if (content === undefined) bucket.objects.delete(key);
      else await bucket.put(key, content);
      expect(await clean(fixture)).toBe(false);
      expect(reported).toMatchObject([{ error: { kind: 'data', exit: 65 } }]);
      expect(JSON.stringify(reported)).toContain('run stage-reviews');
      expect(bucket.text(leaseKey('movie_review/stage', ds))).toBeUndefined();
    },
  );
});
