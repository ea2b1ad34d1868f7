/** The calls of the EMR API that operate on one cluster and its steps. */
import {
  AddJobFlowStepsCommand,
  CancelStepsCommand,
  DescribeClusterCommand,
  DescribeStepCommand,
  EMRClient,
  ListStepsCommand,
  type StepState,
} from '@aws-sdk/client-emr';
import { clientSettings } from '@user-behaviour/shared/s3/aws-client';
import { Failure } from '@user-behaviour/shared/failure';
import type { CleanConfiguration } from '../config.ts';
import { ClusterGone, emrFailure, isRefusedCluster, isUnknownStep } from './errors.ts';
import type { StepStatus } from './step-status.ts';
import { type Step, stepJar } from './steps.ts';

export interface EmrClients {
  /** Retries transient errors. */
  readonly retrying: EMRClient;
  /** Sends each request once. For calls without an idempotency token. */
  readonly single: EMRClient;
}

export function createEmrClients({
  AWS_REGION,
  AWS_ENDPOINT_URL_EMR,
  SOCKET_TIMEOUT,
}: Pick<CleanConfiguration, 'AWS_REGION' | 'AWS_ENDPOINT_URL_EMR' | 'SOCKET_TIMEOUT'>): EmrClients {
  const settings = clientSettings(AWS_REGION, AWS_ENDPOINT_URL_EMR, SOCKET_TIMEOUT);
  return {
    retrying: new EMRClient(settings),
    single: new EMRClient({ ...settings, maxAttempts: 1 }),
  };
}

export interface RemoteStep {
  readonly id: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly status: StepStatus;
}

interface ApiStep {
  readonly Id?: string | undefined;
  readonly Name?: string | undefined;
  readonly Config?: { readonly Args?: readonly string[] | undefined } | undefined;
  readonly Status?: StepStatus | undefined;
}

const remoteStep = ({ Id = '', Name = '', Config, Status = {} }: ApiStep): RemoteStep => ({
  id: Id,
  name: Name,
  args: Config?.Args ?? [],
  status: Status,
});

export class EmrCluster {
  readonly id: string;
  readonly isTransient: boolean;
  readonly #clients: EmrClients;

  /** `isTransient`: started by this run. */
  constructor(clients: EmrClients, id: string, isTransient = false) {
    this.#clients = clients;
    this.id = id;
    this.isTransient = isTransient;
  }

  /** The steps in the given states, or in any state, newest first. */
  async listSteps(states?: readonly StepState[]): Promise<RemoteStep[]> {
    const steps: RemoteStep[] = [];
    let marker: string | undefined;
    do {
      const page = await this.#attempt('list the steps', () =>
        this.#clients.retrying.send(
          new ListStepsCommand({
            ClusterId: this.id,
            ...(states === undefined ? {} : { StepStates: [...states] }),
            ...(marker === undefined ? {} : { Marker: marker }),
          }),
        ),
      );
      steps.push(...(page.Steps ?? []).map(remoteStep));
      marker = page.Marker;
    } while (marker !== undefined);
    return steps;
  }

  /** Returns undefined if the cluster does not know the step. */
  async describeStep(id: string): Promise<RemoteStep | undefined> {
    return this.#attempt('describe a step', async () => {
      try {
        const { Step } = await this.#clients.retrying.send(
          new DescribeStepCommand({ ClusterId: this.id, StepId: id }),
        );
        return Step === undefined ? undefined : remoteStep(Step);
      } catch (error) {
        if (isUnknownStep(error)) return undefined;
        throw error;
      }
    });
  }

  /** Adds the step in a single attempt. Throws the SDK's own error. */
  async addStep({ name, args }: Step): Promise<string> {
    const { StepIds } = await this.#clients.single.send(
      new AddJobFlowStepsCommand({
        JobFlowId: this.id,
        Steps: [
          {
            Name: name,
            // Any other action would cancel the steps of other days on the same cluster.
            ActionOnFailure: 'CONTINUE',
            HadoopJarStep: { Jar: stepJar, Args: [...args] },
          },
        ],
      }),
    );
    const id = StepIds?.[0];
    if (id === undefined) throw new Failure('transient', `EMR returned no id for step ${name}`);
    return id;
  }

  /** Requests the cancellation. The steps end some time later. */
  async cancelSteps(ids: readonly string[]): Promise<void> {
    await this.#attempt('cancel steps', () =>
      this.#clients.retrying.send(
        new CancelStepsCommand({
          ClusterId: this.id,
          StepIds: [...ids],
          StepCancellationOption: 'SEND_INTERRUPT',
        }),
      ),
    );
  }

  /** Fails if the cluster is terminating or terminated. */
  async requireAlive(): Promise<void> {
    const { Cluster } = await this.#attempt('describe the cluster', () =>
      this.#clients.retrying.send(new DescribeClusterCommand({ ClusterId: this.id })),
    );
    const { State = 'unknown', StateChangeReason } = Cluster?.Status ?? {};
    if (!State.startsWith('TERMINAT')) return;
    const { Code, Message: reason } = StateChangeReason ?? {};
    throw new ClusterGone(this, `${State}${reason === undefined ? '' : ` (${reason})`}`, {
      isRefused: isRefusedCluster(Code, reason ?? ''),
    });
  }

  async #attempt<T>(action: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw emrFailure(`${action} of cluster ${this.id}`, this, error);
    }
  }
}
