import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startTestCloud, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileName, insertRow, openFixture, stage } from './fixture.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  job = await bundleJob('extract-purchases');
  cloud = await startTestCloud(['postgres', 's3']);
});
afterAll(() => cloud[Symbol.asyncDispose]());

const day = '--ds=2010-12-01';

describe('concurrent runs of one day', () => {
  it('converge on one result (I4)', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:26:00'));
    const runs = ['a', 'b', 'c', 'd'];
    const ends = await Promise.all(runs.map((run) => job.run(fixture.env, day, `--run-id=${run}`)));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const published = ends.filter(({ summaries }) => summaries[0]?.['status'] === 'published');
    expect(published).toHaveLength(1);
    const { run, generation, totals } = await fixture.manifest('2010-12-01');
    expect(published[0]?.summaries[0]?.['run']).toBe(run);
    expect([generation, totals.rows]).toEqual([1, 1]);
    expect(await fixture.bucket.keys()).toEqual([
      `${stage}/2010-12-01/_manifest.json`,
      `${stage}/2010-12-01/${run}/${fileName}`,
    ]);
  });

  it('under the same run id both succeed', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:26:00'));
    const twice = [
      job.run(fixture.env, day, '--run-id=one'),
      job.run(fixture.env, day, '--run-id=one'),
    ];
    const ends = await Promise.all(twice);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect(await fixture.manifest('2010-12-01')).toMatchObject({ run: 'one', generation: 1 });
    expect(await fixture.bucket.keys()).toHaveLength(2);
  });
});

describe('a run under a run id that was used before', () => {
  it('changes nothing if it was published, even if the source has changed (I1)', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:26:00'));
    await job.run(fixture.env, day, '--run-id=one');
    await fixture.database.query(insertRow('2010-12-01 09:00:00'));
    const { code, summaries } = await job.run(fixture.env, day, '--run-id=one');
    expect(code).toBe(0);
    expect(summaries).toMatchObject([{ status: 'unchanged', rows: 1 }]);
  });

  it('publishes a file that was written but not published', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.database.query(insertRow('2010-12-01 08:26:00'));
    await job.run(fixture.env, day, '--run-id=one');
    const key = `${stage}/2010-12-02/two/${fileName}`;
    await fixture.database.query(insertRow('2010-12-02 08:26:00'));
    const header = (await fixture.bucket.text(`${stage}/2010-12-01/one/${fileName}`)).split(
      '\n',
    )[0];
    const row = '536365,71053,WHITE METAL LANTERN,6,2010-12-02 08:26:00,3.390,17850,United Kingdom';
    await fixture.bucket.put(key, `${String(header)}\n${row}\n`);
    const { code } = await job.run(fixture.env, '--ds=2010-12-02', '--run-id=two');
    expect(code).toBe(0);
    expect((await fixture.manifest('2010-12-02')).files).toMatchObject([{ key, rows: 1 }]);
  });

  it('does not overwrite other content', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.bucket.put(`${stage}/2010-12-01/one/${fileName}`, 'something else');
    const { code, summaries } = await job.run(fixture.env, day, '--run-id=one');
    expect(code).toBe(65);
    expect(summaries[0]?.['action']).toContain('choose another --run-id');
    expect(await fixture.bucket.keys()).toHaveLength(1);
  });

  it.each([
    ['of another format', fileName],
    ['of a range that it does not have', `${fileName.replace('.csv', '-01000.csv')}.gz`],
  ])('is refused if a killed attempt of it left a file %s', async (_, left) => {
    await using fixture = await openFixture(cloud);
    await fixture.bucket.put(`${stage}/2010-12-01/one/${left}`, 'left');
    const compressed = { ...fixture.env, OUTPUT_FORMAT: 'csv.gz' };
    const { code, summaries } = await job.run(compressed, day, '--run-id=one');
    expect(code).toBe(64);
    expect(summaries[0]?.['action']).toContain('choose another --run-id');
    const keys = await fixture.bucket.keys(stage);
    // Not published, so its own file is left to the sweep.
    expect(keys.toSorted()).toEqual(
      [left, `${fileName}.gz`].map((name) => `${stage}/2010-12-01/one/${name}`).toSorted(),
    );
  });

  it('does not publish other parameters', async () => {
    await using fixture = await openFixture(cloud);
    await job.run(fixture.env, day, '--run-id=one');
    const { code } = await job.run({ ...fixture.env, MIN_QUANTITY: '5' }, day, '--run-id=one');
    expect(code).toBe(64);
    expect(await fixture.manifest('2010-12-01')).toMatchObject({ parameters: { minQuantity: 2 } });
  });
});

describe('a range of days', () => {
  it('publishes each day, including those without purchases', async () => {
    await using fixture = await openFixture(cloud);
    for (const time of ['2010-12-01 08:00', '2010-12-03 08:00', '2010-12-05 08:00']) {
      await fixture.database.query(insertRow(time));
    }
    const { code, summaries } = await job.run(
      fixture.env,
      day,
      '--through=2010-12-05',
      '--parallel=2',
    );
    expect(code).toBe(0);
    const rows = summaries.map(({ ds, rows }) => [ds, rows]).sort();
    expect(rows).toEqual([
      ['2010-12-01', 1],
      ['2010-12-02', 0],
      ['2010-12-03', 1],
      ['2010-12-04', 0],
      ['2010-12-05', 1],
    ]);
    expect(await fixture.manifest('2010-12-04')).toMatchObject({ ds: '2010-12-04', generation: 1 });
  });

  it('continues after a day that fails', async () => {
    await using fixture = await openFixture(cloud);
    await fixture.bucket.put(`${stage}/2010-12-02/_manifest.json`, '{"version":9}');
    const { code, summaries } = await job.run(fixture.env, day, '--through=2010-12-04');
    expect(code).toBe(65);
    expect(summaries.map(({ ds, exit }) => [ds, exit]).sort()).toEqual([
      ['2010-12-01', 0],
      ['2010-12-02', 65],
      ['2010-12-03', 0],
      ['2010-12-04', 0],
    ]);
  });

  it('fails each day if the bucket is missing', async () => {
    await using fixture = await openFixture(cloud);
    const env = { ...fixture.env, PIPELINE_BUCKET: 'there-is-no-such-bucket' };
    const { code, summaries } = await job.run(env, day, '--through=2010-12-03');
    expect(code).toBe(78);
    expect(summaries).toHaveLength(3);
    for (const summary of summaries) {
      expect(summary).toMatchObject({ status: 'failed', kind: 'configuration', exit: 78 });
    }
  });
});
