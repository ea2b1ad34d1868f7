import { describe, expect, it } from 'vitest';
import { ds, stagedDay } from '../../test/day-fixture.ts';
import { published } from '../../test/staged-reviews.ts';
import { prepareDay } from '../input/prepare-day.ts';
import { publishDay } from './publish-day.ts';

/** A day without reviews whose steps are done: its folder holds only the report. */
async function cleanedDay() {
  const fixture = await stagedDay();
  const ready = await prepareDay(fixture.day, fixture.context);
  if (ready === undefined) throw new Error('expected the day to be ready');
  const counts = { read: 0, accepted: 0, positive: 0, rejected: {} };
  const report = { version: 1, ds, run: 'r1', ...counts, written: true };
  await fixture.bucket.put(`movie_review/stage/${ds}/r1/_report.json`, JSON.stringify(report));
  return { ...fixture, ready };
}

describe('publishDay', () => {
  it('publishes the manifest', async () => {
    const { bucket, ready, context } = await cleanedDay();
    expect(await publishDay(ready, context)).toMatchObject({
      status: 'published',
      rows: 0,
      positive: 0,
    });
    expect(await published(bucket, ds)).toMatchObject({ run: 'r1', generation: 1 });
    await ready.lease.release();
  });

  it('publishes nothing once the run was stopped', async () => {
    const { bucket, ready, context, stop } = await cleanedDay();
    stop();
    await expect(publishDay(ready, context)).rejects.toThrow('stopped');
    expect(await published(bucket, ds)).toBeUndefined();
    await ready.lease.release();
  });

  it('publishes nothing without the report', async () => {
    const { bucket, ready, context } = await cleanedDay();
    bucket.objects.delete(`movie_review/stage/${ds}/r1/_report.json`);
    await expect(publishDay(ready, context)).rejects.toMatchObject({ kind: 'transient' });
    expect(await published(bucket, ds)).toBeUndefined();
    await ready.lease.release();
  });
});
