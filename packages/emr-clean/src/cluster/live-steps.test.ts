import type { EMRClient } from '@aws-sdk/client-emr';
import { parseDs } from '@user-behaviour/shared/ds';
import { describe, expect, it } from 'vitest';
import type { EmrClients } from './emr.ts';
import { daysWithLiveSteps } from './live-steps.ts';

const [first, second] = [parseDs('2010-12-01'), parseDs('2010-12-02')];
const days = [
  { ds: first, runs: ['dead', 'r2'] },
  { ds: second, runs: ['r3'] },
];
const standing = { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_EMR: undefined, SOCKET_TIMEOUT: 1 };

/** EMR that answers each call with the reply, or throws it. */
function clientsThat(reply: unknown): EmrClients {
  const client = {
    send: () => (reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply)),
    destroy: () => undefined,
  } as unknown as EMRClient;
  return { retrying: client, single: client };
}

const refusal = (message: string) =>
  Object.assign(new Error(message), {
    name: 'InvalidRequestException',
    $metadata: { httpStatusCode: 400 },
  });

describe('on a standing cluster, the days with live steps', () => {
  const onCluster = (reply: unknown) =>
    daysWithLiveSteps({ ...standing, EMR_CLUSTER_ID: 'j-1' }, days, clientsThat(reply));
  const step = (Name: string) => ({ Steps: [{ Id: 's-1', Name, Status: { State: 'RUNNING' } }] });

  it('are those whose named runs have one', async () => {
    const name = 'emr-clean/2010-12-01..2010-12-02/dead/2-clean';
    expect(await onCluster(step(name))).toEqual(new Set([first]));
    expect(await onCluster(step('emr-clean/2010-12-01/r3/2-clean'))).toEqual(new Set());
    expect(await onCluster({ Steps: [] })).toEqual(new Set());
  });

  it('are none if the cluster is gone, and unknown if EMR cannot be asked', async () => {
    expect(await onCluster(refusal('Cluster id j-1 is not valid.'))).toEqual(new Set());
    await expect(onCluster(new Error('no'))).rejects.toThrow('list the steps');
  });
});

it('without a standing cluster, the days are those whose runs have a cluster', async () => {
  const settings = { ...standing, EMR_CLUSTER_ID: undefined };
  const Clusters = [{ Id: 'j-7', Name: 'emr-clean/r3' }];
  expect(await daysWithLiveSteps(settings, days, clientsThat({ Clusters }))).toEqual(
    new Set([second]),
  );
});

it('without a standing cluster, a cluster that is terminating may still work', async () => {
  const settings = { ...standing, EMR_CLUSTER_ID: undefined };
  const live = (state: string) => {
    const clusters = [{ Id: 'j-7', Name: 'emr-clean/r3' }];
    const send = ({ input }: { input: { ClusterStates: string[] } }) =>
      Promise.resolve({ Clusters: input.ClusterStates.includes(state) ? clusters : [] });
    const client = { send, destroy: () => undefined } as unknown as EMRClient;
    return daysWithLiveSteps(settings, days, { retrying: client, single: client });
  };
  expect(await live('TERMINATING')).toEqual(new Set([second]));
  expect(await live('TERMINATED')).toEqual(new Set());
});
