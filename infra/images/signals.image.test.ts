/** A signal during the start of process 1: the kernel drops it as long as there is no handler. */
import { describe, expect, it } from 'vitest';
import { startImage, type Variables } from './job-container.ts';

const day = '--ds=2010-12-01';
const settings = {
  PIPELINE_BUCKET: 'lake',
  AWS_REGION: 'eu-west-1',
  REVIEWS_SOURCE: '/vendor/{ds}.csv',
  AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

/** Variables that make Node run this script before the bundle. */
const before = (script: string) => ({
  ...settings,
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}`,
});

const atOnce = "process.kill(process.pid, 'SIGTERM')";

/** As soon as the bundle's first line has added its listener for SIGTERM; the one for SIGINT is next. */
const atFirstLine = `process.once('newListener', function listen(name) {
    if (name === 'SIGINT') ${atOnce};
    else process.once('newListener', listen);
  });`;

async function ended(env: Variables, argv: readonly string[], ...options: string[]) {
  await using container = startImage('stage-reviews', env, [day, ...argv], options);
  return await container.ended;
}

describe('SIGTERM to Node as process 1', () => {
  it('is lost before the first line of the bundle, and the job runs to its end', async () => {
    expect((await ended(before(atOnce), ['--dry-run'])).code).toBe(0);
  });

  it('stops the job with 143 from the first line of the bundle on', async () => {
    const { code, summaries } = await ended(before(atFirstLine), ['--wait=10m']);
    expect(summaries).toMatchObject([{ kind: 'interrupted', message: 'stopped by SIGTERM' }]);
    expect(code).toBe(143);
  });
});

it('stops the job at any time if --init is process 1', async () => {
  expect((await ended(before(atOnce), ['--dry-run'], '--init')).code).toBe(143);
});
