/** The probe step on a cluster that runs it, that may not read the bucket, or that never starts it. */
import { EMRClient } from '@aws-sdk/client-emr';
import { startLocalServers, type TestCloud } from '@user-behaviour/testkit/servers/cloud';
import { type Exchange, startHttpFront } from '@user-behaviour/testkit/proxies/http-front';
import { beforeAll, describe, expect, it } from 'vitest';
import { EmrCluster } from '../src/cluster/emr.ts';
import { runProbeStep } from '../src/cluster/probe-step.ts';
import { EmrConsole, freshCluster } from './emr-console.ts';

let cloud: TestCloud;
let emr: EmrConsole;
beforeAll(async () => {
  cloud = await startLocalServers(['s3', 'emr']);
  emr = new EmrConsole(cloud.env);
  return () => cloud[Symbol.asyncDispose]();
});

/** A cluster behind a proxy. With `status`, the proxy reports every step to have it. */
async function open(status?: object) {
  await using stack = new AsyncDisposableStack();
  const { bucket, id } = stack.use(await freshCluster(cloud, emr));
  const front = stack.use(await startHttpFront(cloud.env['AWS_ENDPOINT_URL_EMR'] ?? ''));
  const client = stack.adopt(
    new EMRClient({
      endpoint: front.url,
      region: bucket.client.config.region,
      credentials: bucket.client.config.credentials,
    }),
    (opened) => {
      opened.destroy();
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
    probe: {
      s3: bucket.client,
      bucket: bucket.name,
      cluster: new EmrCluster({ retrying: client, single: client }, id),
      timeout: status === undefined ? 30_000 : 300,
    },
    steps: () => emr.steps(id),
    cancelled: () => front.calls.filter(is('CancelSteps')).length,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

describe('the probe step', () => {
  it('copies an object within the bucket and leaves none', async () => {
    await using fixture = await open();
    const { bucket, probe, steps, cancelled } = fixture;
    for (const times of [1, 2]) {
      expect(await runProbeStep(probe)).toEqual({
        found: expect.stringContaining('copied') as string,
      });
      expect(await bucket.keys()).toEqual([]);
      expect((await steps()).map(({ state }) => state)).toEqual(
        Array.from({ length: times }, () => 'COMPLETED'),
      );
      expect(cancelled()).toBe(times);
    }
  });

  it('reports a cluster that may not read the bucket', async () => {
    const Message = 'Access Denied (Service: Amazon S3; Status Code: 403)';
    await using fixture = await open({ State: 'FAILED', FailureDetails: { Message } });
    await expect(runProbeStep(fixture.probe)).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining(Message) as string,
      action: expect.stringContaining('role') as string,
    });
    expect(fixture.cancelled()).toBe(1);
  });

  it('is cancelled after the timeout, with advice, if the cluster does not start it', async () => {
    await using fixture = await open({ State: 'PENDING' });
    expect(await runProbeStep(fixture.probe)).toMatchObject({
      found: expect.stringContaining('cancelled') as string,
      advice: expect.stringContaining('less busy') as string,
    });
    expect(fixture.cancelled()).toBe(1);
  });
});
