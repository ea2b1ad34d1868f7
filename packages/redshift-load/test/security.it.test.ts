/** Marked secrets and row values, and a record of every call of the job. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type BundledJob, bundleJob } from '@user-behaviour/testkit/bundled-job';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { startHttpProxy } from '@user-behaviour/testkit/proxies/http-proxy';
import { openFixture } from './load-fixture.ts';
import { stagePurchases, stageReviews } from './stages.ts';

let cloud: TestCloud;
let job: BundledJob;
beforeAll(async () => {
  [job, cloud] = await Promise.all([
    bundleJob('redshift-load'),
    startLocalServers(['s3', 'redshift']),
  ]);
  return () => cloud[Symbol.asyncDispose]();
});

const mark = 'M4rk3d';

describe('a load', () => {
  it('reveals no secret and no row value (I10)', async () => {
    await using fixture = await openFixture(cloud, job);
    const detail = `${mark}, "a \\thing\\"`;
    await stagePurchases(fixture.bucket, fixture.ds, [
      { detail, quantity: 3, price: '2.5', customer: 1 },
    ]);
    await stageReviews(fixture.bucket, fixture.ds, [{ customer: 1, positive: true }]);
    await using s3 = await startHttpProxy(fixture.env['AWS_ENDPOINT_URL_S3'] ?? '');
    await using redshift = await startHttpProxy(
      fixture.env['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '',
    );
    const env = {
      ...fixture.env,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_REDSHIFT_DATA: redshift.url,
      AWS_SESSION_TOKEN: `${mark}-token`,
      LOG_LEVEL: 'trace',
      LOG_STACK: '1',
    };
    const loaded = await job.run(env, `--ds=${fixture.ds}`);
    expect(loaded).toMatchObject({ code: 0 });
    const refused = await job.run({ ...env, REDSHIFT_WORKGROUP: 'nowhere' }, `--ds=${fixture.ds}`);
    expect(refused).toMatchObject({ code: 78 });
    const wrong = { SPECTRUM_ROLE_ARN: `arn'; ${mark}`, REDSHIFT_DATABASE: `d"; ${mark}` };
    const misled = await job.run({ ...env, ...wrong }, `--ds=${fixture.ds}`);
    expect(misled).toMatchObject({ code: 78 });

    const said = [loaded, refused, misled].map((ended) => JSON.stringify(ended));
    const asked = redshift.calls.map(({ body }) => body.toString());
    const secrets = [mark, fixture.env['AWS_SECRET_ACCESS_KEY'] ?? ''];
    for (const trace of [...said, ...asked]) {
      for (const secret of secrets) expect(trace).not.toContain(secret);
    }
  });
});
