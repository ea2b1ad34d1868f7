/** EMR as a person at the console sees it. */
import {
  type ActionOnFailure,
  AddJobFlowStepsCommand,
  EMRClient,
  ListClustersCommand,
  ListStepsCommand,
  RunJobFlowCommand,
} from '@aws-sdk/client-emr';
import type { Variables } from '../inject/fault-proxy.ts';

export interface EmrStep {
  readonly id: string;
  readonly name: string;
  readonly state: string;
}

export interface EmrCluster {
  readonly id: string;
  readonly name: string;
}

export class EmrInspector implements Disposable {
  readonly #client: EMRClient;

  constructor(env: Variables) {
    this.#client = new EMRClient({
      endpoint: env['AWS_ENDPOINT_URL_EMR'] ?? '',
      region: env['AWS_REGION'] ?? '',
      credentials: {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    });
  }

  async startCluster(): Promise<string> {
    const { JobFlowId = '' } = await this.#client.send(
      new RunJobFlowCommand({ Name: 'faults', Instances: { KeepJobFlowAliveWhenNoSteps: true } }),
    );
    return JobFlowId;
  }

  /** A step of somebody else, that fails because there is nothing to copy. */
  async addFailing(JobFlowId: string, ActionOnFailure: ActionOnFailure): Promise<void> {
    const Args = ['s3-dist-cp', '--src', 's3://nobody-has-this/', '--dest', 'hdfs:///nowhere'];
    const Steps = [
      { Name: 'foreign', ActionOnFailure, HadoopJarStep: { Jar: 'command-runner.jar', Args } },
    ];
    await this.#client.send(new AddJobFlowStepsCommand({ JobFlowId, Steps }));
  }

  /** Newest first. */
  async steps(ClusterId: string): Promise<EmrStep[]> {
    const { Steps = [] } = await this.#client.send(new ListStepsCommand({ ClusterId }));
    return Steps.map(({ Id = '', Name = '', Status }) => ({
      id: Id,
      name: Name,
      state: Status?.State ?? '',
    }));
  }

  /** Those that cost money. */
  async clusters(named: RegExp): Promise<readonly EmrCluster[]> {
    const { Clusters = [] } = await this.#client.send(
      new ListClustersCommand({
        ClusterStates: ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING'],
      }),
    );
    return Clusters.filter(({ Name = '' }) => named.test(Name)).map(
      ({ Id: id = '', Name: name = '' }) => ({ id, name }),
    );
  }

  /** Steps that have not ended. */
  async live(cluster: string): Promise<EmrStep[]> {
    const steps = await this.steps(cluster);
    return steps.filter(({ state }) => /^(PENDING|RUNNING|CANCEL_PENDING)$/.test(state));
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}
