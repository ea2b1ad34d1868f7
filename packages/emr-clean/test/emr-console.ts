/** What a person at the EMR console sees and does, and the faults that a test asks for. */
import {
  DescribeClusterCommand,
  EMRClient,
  ListClustersCommand,
  ListStepsCommand,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { waitFor } from '@user-behaviour/shared/waiting';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';

type Variables = TestCloud['env'];

export interface TestCluster extends AsyncDisposable {
  readonly bucket: TestBucket;
  readonly cluster: string;
  /** The job's variables for this bucket and this cluster. */
  readonly env: Variables;
}

/** A bucket and a cluster of the test's own. */
export async function freshCluster(cloud: TestCloud, emr: EmrConsole): Promise<TestCluster> {
  const bucket = await freshBucket(cloud);
  const cluster = await emr.startCluster();
  return {
    bucket,
    cluster,
    env: { ...bucket.env, EMR_CLUSTER_ID: cluster },
    [Symbol.asyncDispose]: async () => {
      await emr.terminate(cluster);
      await bucket[Symbol.asyncDispose]();
    },
  };
}

export class EmrConsole {
  readonly #client: EMRClient;
  readonly #endpoint: string;

  constructor(env: Variables) {
    this.#endpoint = env['AWS_ENDPOINT_URL_EMR'] ?? '';
    this.#client = new EMRClient({
      endpoint: this.#endpoint,
      region: env['AWS_REGION'] ?? '',
      credentials: {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    });
  }

  /** Names and states, oldest first. */
  async steps(cluster: string): Promise<readonly { name: string; state: string }[]> {
    const { Steps = [] } = await this.#client.send(new ListStepsCommand({ ClusterId: cluster }));
    return Steps.map(({ Name = '', Status }) => ({
      name: Name,
      state: Status?.State ?? '',
    })).reverse();
  }

  async stateOf(cluster: string, step: string): Promise<string | undefined> {
    return (await this.steps(cluster)).find(({ name }) => name === step)?.state;
  }

  /** Waits until the step runs. */
  async runs(cluster: string, step: string): Promise<void> {
    const look = async () => ((await this.stateOf(cluster, step)) === 'RUNNING' ? true : undefined);
    const patience = { signal: AbortSignal.timeout(60_000), limit: 60_000 };
    if ((await waitFor(look, patience)) === undefined) throw new Error(`${step} does not run`);
  }

  /** A cluster of the test's own, so that its steps are only its own. */
  async startCluster(): Promise<string> {
    const { JobFlowId = '' } = await this.#client.send(
      new RunJobFlowCommand({ Name: 'test', Instances: { KeepJobFlowAliveWhenNoSteps: true } }),
    );
    return JobFlowId;
  }

  async terminate(cluster: string): Promise<void> {
    await this.#client.send(new TerminateJobFlowsCommand({ JobFlowIds: [cluster] }));
  }

  async clusterState(cluster: string): Promise<string | undefined> {
    const { Cluster } = await this.#client.send(new DescribeClusterCommand({ ClusterId: cluster }));
    return Cluster?.Status?.State;
  }

  async clustersNamed(name: string): Promise<readonly string[]> {
    const { Clusters = [] } = await this.#client.send(new ListClustersCommand({}));
    return Clusters.filter((cluster) => cluster.Name === name).map(({ Id = '' }) => Id);
  }

  async fault(...faults: readonly object[]): Promise<void> {
    const reply = await fetch(new URL('_faults', this.#endpoint), {
      method: 'POST',
      body: JSON.stringify(faults),
    });
    if (!reply.ok) throw new Error(`the fault was refused: ${await reply.text()}`);
  }
}
