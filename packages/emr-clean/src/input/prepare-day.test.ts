import { PutObjectCommand } from '@aws-sdk/client-s3';
import { leaseKey } from '@user-behaviour/shared/keys';
import { upstreamOf } from '@user-behaviour/shared/manifest/manifest-store';
import { describe, expect, it } from 'vitest';
import { ds, stagedDay } from '../../test/day-fixture.ts';
import { prepareDay } from './prepare-day.ts';

const lease = leaseKey('movie_review/stage', ds);

/** Publishes what another run makes of the staged reviews. */
async function publishAsOther({ context }: Awaited<ReturnType<typeof stagedDay>>): Promise<void> {
  const { store, session, maxRejected } = context;
  const upstream = await store.require('movie_review/load', ds, session);
  const script = String(upstream.manifest.parameters['script']);
  await store.publish(
    {
      dataset: 'movie_review/stage',
      ds,
      run: 'other',
      job: session.job,
      parameters: { script, maxRejectedReviews: maxRejected() },
      upstream: [upstreamOf(upstream)],
      files: [],
      startedAt: session.now(),
      finishedAt: session.now(),
    },
    undefined,
  );
}

describe('prepareDay', () => {
  it('takes the lease of a day that is not published', async () => {
    const { bucket, day, context, reported } = await stagedDay();
    const ready = await prepareDay(day, context);
    expect(ready?.lease.ds).toBe(ds);
    expect(bucket.text(lease)).toContain('"run":"r1"');
    await ready?.lease.release();
    expect(bucket.text(lease)).toBeUndefined();
    expect(reported).toEqual([]);
  });

  it('reports a day with a current result as unchanged, without a lease', async () => {
    const fixture = await stagedDay();
    await publishAsOther(fixture);
    expect(await prepareDay(fixture.day, fixture.context)).toBeUndefined();
    expect(fixture.reported).toMatchObject([{ status: 'unchanged', publishedRun: 'other' }]);
    expect(fixture.bucket.text(lease)).toBeUndefined();
  });

  it('takes the lease of a day with a current result with --force, unless this run has made it', async () => {
    const fixture = await stagedDay([], { force: true });
    await publishAsOther(fixture);
    const { day, context, reported } = fixture;
    const ready = await prepareDay(day, context);
    expect(ready?.lease.ds).toBe(ds);
    await ready?.lease.release();
    expect(await prepareDay({ ...day, run: 'other' }, context)).toBeUndefined();
    expect(reported).toMatchObject([{ status: 'unchanged', publishedRun: 'other' }]);
  });

  it('keeps a result that was published just before it took the lease', async () => {
    const fixture = await stagedDay();
    const { bucket, day, context, reported } = fixture;
    bucket.before = async (command) => {
      if (!(command instanceof PutObjectCommand) || command.input.Key !== lease) return;
      bucket.before = () => undefined;
      await publishAsOther(fixture);
    };
    expect(await prepareDay(day, context)).toBeUndefined();
    expect(reported).toMatchObject([{ status: 'superseded', publishedRun: 'other' }]);
    expect(bucket.text(lease)).toBeUndefined();
  });

  it('reports the failure of a day that is not staged', async () => {
    const { bucket, day, context, reported } = await stagedDay();
    bucket.objects.clear();
    expect(await prepareDay(day, context)).toBeUndefined();
    expect(reported).toMatchObject([{ error: { kind: 'not-ready' } }]);
  });
});
