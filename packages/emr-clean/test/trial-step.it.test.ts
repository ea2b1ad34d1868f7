/** The doctor's step on an EMR that runs it, refuses the copy, or never comes to it. */
import { EMRClient } from '@aws-sdk/client-emr';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type Exchange, startHttpFront } from '@user-behaviour/testkit/proxies/http-front';
import { beforeAll, describe, expect, it } from 'vitest';
import { EmrCluster } from '../src/cluster/emr.ts';
import { tryStep } from '../src/cluster/probe-step.ts';
import { EmrConsole, freshCluster } from './emr-console.ts';

let cloud: TestCloud;
let emr: EmrConsole;
beforeAll(async () => {
  cloud = await startLocalServers(['s3', 'emr']);
  emr = new EmrConsole(cloud.env);
  return () => cloud[Symbol.asyncDispose]();
});

/** A cluster behind a front whose steps are told to be as `status` says, if it says so. */
async function open(status?: object) {
  await using stack = new AsyncDisposableStack();
  const { bucket, cluster } = stack.use(await freshCluster(cloud, emr));
  const front = stack.use(await startHttpFront(cloud.env['AWS_ENDPOINT_URL_EMR'] ?? ''));
  const calls = stack.adopt(
    new EMRClient({
      endpoint: front.url,
      region: bucket.client.config.region,
      credentials: bucket.client.config.credentials,
    }),
    (client) => {
      client.destroy();
    },
  );
  const is = (operation: string) => (call: Exchange) =>
    String(call.headers['x-amz-target']).endsWith(`.${operation}`);
  if (status !== undefined) {
    front.rules.push({
      when: is('DescribeStep'),
      instead: () => ({
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: JSON.stringify({ Step: { Id: 's-1', Status: status } }),
      }),
    });
  }
  const all = stack.move();
  return {
    bucket,
    trial: {
      s3: bucket.client,
      bucket: bucket.name,
      cluster: new EmrCluster({ calls, once: calls }, cluster),
      limit: status === undefined ? 30_000 : 300,
    },
    steps: () => emr.steps(cluster),
    cancelled: () => front.calls.filter(is('CancelSteps')).length,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

describe('the trial step', () => {
  it('copies an object within the bucket, and leaves none', async () => {
    await using all = await open();
    const { bucket, trial, steps, cancelled } = all;
    for (const times of [1, 2]) {
      expect(await tryStep(trial)).toEqual({ found: expect.stringContaining('copied') as string });
      expect(await bucket.keys()).toEqual([]);
      expect((await steps()).map(({ state }) => state)).toEqual(
        Array.from({ length: times }, () => 'COMPLETED'),
      );
      expect(cancelled()).toBe(times);
    }
  });

  it('tells of a cluster that may not read the bucket', async () => {
    const Message = 'Access Denied (Service: Amazon S3; Status Code: 403)';
    await using all = await open({ State: 'FAILED', FailureDetails: { Message } });
    await expect(tryStep(all.trial)).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining(Message) as string,
      action: expect.stringContaining('role') as string,
    });
    expect(all.cancelled()).toBe(1);
  });

  it('is given up, cancelled and told of where the cluster does not come to it', async () => {
    await using all = await open({ State: 'PENDING' });
    expect(await tryStep(all.trial)).toMatchObject({
      found: expect.stringContaining('cancelled') as string,
      advice: expect.stringContaining('less to do') as string,
    });
    expect(all.cancelled()).toBe(1);
  });
});
