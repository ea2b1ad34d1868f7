import { EMRClient } from '@aws-sdk/client-emr';
import { expect, it } from 'vitest';
import type { CleanConfiguration } from '../config.ts';
import { findOrStartCluster } from './transient-cluster.ts';

/** An EMR without clusters that starts each one requested and records the request bodies. */
function startingEmr() {
  const bodies: unknown[] = [];
  const client = new EMRClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      handle: ({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) => {
        const starts = headers['x-amz-target']?.endsWith('.RunJobFlow') === true;
        if (starts) bodies.push(JSON.parse(Buffer.from(body).toString()));
        const answer = starts ? { JobFlowId: 'j-1' } : { Clusters: [] };
        const response = {
          statusCode: 200,
          headers: {},
          body: Buffer.from(JSON.stringify(answer)),
        };
        return Promise.resolve({ response });
      },
    },
  });
  return { clients: { retrying: client, single: client }, bodies };
}

it('requests automatic termination, because a run may die before it terminates the cluster', async () => {
  const { clients, bodies } = startingEmr();
  const configuration = { EMR_RELEASE_LABEL: 'emr-7.9.0' } as CleanConfiguration;
  const signal = new AbortController().signal;
  expect(await findOrStartCluster('r1', clients, configuration, signal)).toBe('j-1');
  expect(bodies).toMatchObject([
    {
      Name: 'emr-clean/r1',
      AutoTerminationPolicy: { IdleTimeout: 900 },
      Instances: { KeepJobFlowAliveWhenNoSteps: true },
    },
  ]);
});
