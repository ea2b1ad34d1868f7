import { leaseKey, scriptKey } from '@user-behaviour/shared/keys';
import { describe, expect, it } from 'vitest';
import { ds, stagedDay } from '../test/day-fixture.ts';
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
