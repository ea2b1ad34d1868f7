/** The EMR API as a person at the console uses it, and the faults that a test injects. */
import {
  CreateSecurityConfigurationCommand,
  DescribeClusterCommand,
  EMRClient,
  ListClustersCommand,
  ListInstanceFleetsCommand,
  ListStepsCommand,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
} from '@aws-sdk/client-emr';
import { waitFor } from '@user-behaviour/shared/waiting';
import { scriptEmrFaults } from '@user-behaviour/testkit/emr-faults';
import { freshBucket, type TestBucket } from '@user-behaviour/testkit/servers/bucket';
import type { TestCloud } from '@user-behaviour/testkit/servers/cloud';

type Variables = TestCloud['env'];

export interface TestCluster extends AsyncDisposable {
  readonly id: string;
  readonly bucket: TestBucket;
  /** The environment of a job that uses this cluster and this bucket. */
  readonly env: Variables;
}

/** Starts a cluster and creates a bucket for one test. */
export async function freshCluster(cloud: TestCloud, emr: EmrConsole): Promise<TestCluster> {
  const bucket = await freshBucket(cloud);
  const id = await emr.startCluster();
  return {
    id,
    bucket,
    env: { ...bucket.env, EMR_CLUSTER_ID: id },
    [Symbol.asyncDispose]: async () => {
      await emr.terminate(id);
      await bucket[Symbol.asyncDispose]();
    },
  };
}

export class EmrConsole {
  readonly #client: EMRClient;
  readonly #env: Variables;

  constructor(env: Variables) {
    this.#env = env;
    this.#client = new EMRClient({
      endpoint: env['AWS_ENDPOINT_URL_EMR'] ?? '',
      region: env['AWS_REGION'] ?? '',
      credentials: {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    });
  }

  /** The steps' names and states, oldest first. */
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

  /** Waits until the step is running. */
  async waitUntilRunning(cluster: string, step: string): Promise<void> {
    const poll = async () => ((await this.stateOf(cluster, step)) === 'RUNNING' ? true : undefined);
    const patience = { signal: AbortSignal.timeout(60_000), timeout: 60_000 };
    if ((await waitFor(poll, patience)) === undefined) throw new Error(`${step} is not running`);
  }

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

  /** DescribeCluster's answer, and the kinds and sizes of its instance fleets. */
  async describe(cluster: string) {
    const { Cluster } = await this.#client.send(new DescribeClusterCommand({ ClusterId: cluster }));
    const { InstanceFleets = [] } = await this.#client.send(
      new ListInstanceFleetsCommand({ ClusterId: cluster }),
    );
    return {
      ...Cluster,
      fleets: InstanceFleets.map((fleet) => [
        fleet.InstanceFleetType,
        fleet.TargetOnDemandCapacity,
        fleet.TargetSpotCapacity,
      ]),
    };
  }

  async createSecurityConfiguration(Name: string): Promise<void> {
    await this.#client.send(
      new CreateSecurityConfigurationCommand({ Name, SecurityConfiguration: '{}' }),
    );
  }

  async clustersNamed(name: string): Promise<readonly string[]> {
    const { Clusters = [] } = await this.#client.send(new ListClustersCommand({}));
    return Clusters.filter((cluster) => cluster.Name === name).map(({ Id = '' }) => Id);
  }

  async fault(...faults: readonly object[]): Promise<void> {
    await scriptEmrFaults(this.#env, ...faults);
  }
}
