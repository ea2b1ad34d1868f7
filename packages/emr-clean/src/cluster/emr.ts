/** The calls of the EMR API that the steps of one cluster need. */
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
import { clusterGone, emrFailure, isUnknownStep } from './errors.ts';
import type { StepStatus } from './step-status.ts';
import { type Step, stepJar } from './steps.ts';

export interface EmrClients {
  /** Repeats what failed for a moment. */
  readonly calls: EMRClient;
  /** For what may not be done twice: sends once. */
  readonly once: EMRClient;
}

export function createEmrClients({
  AWS_REGION,
  AWS_ENDPOINT_URL_EMR,
  SOCKET_TIMEOUT,
}: CleanConfiguration): EmrClients {
  const settings = clientSettings(AWS_REGION, AWS_ENDPOINT_URL_EMR, SOCKET_TIMEOUT);
  return { calls: new EMRClient(settings), once: new EMRClient({ ...settings, maxAttempts: 1 }) };
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
  readonly #clients: EmrClients;

  constructor(clients: EmrClients, id: string) {
    this.#clients = clients;
    this.id = id;
  }

  /** Newest first, all or those in one of the states. */
  async listSteps(states?: readonly StepState[]): Promise<RemoteStep[]> {
    const steps: RemoteStep[] = [];
    let marker: string | undefined;
    do {
      const page = await this.#attempt('list the steps', () =>
        this.#clients.calls.send(
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

  /** Undefined when the cluster does not know the step. */
  async describeStep(id: string): Promise<RemoteStep | undefined> {
    return this.#attempt('look at a step', async () => {
      try {
        const { Step } = await this.#clients.calls.send(
          new DescribeStepCommand({ ClusterId: this.id, StepId: id }),
        );
        return Step === undefined ? undefined : remoteStep(Step);
      } catch (error) {
        if (isUnknownStep(error)) return undefined;
        throw error;
      }
    });
  }

  /** Adds the step, in one try; the SDK's own error comes through. */
  async addStep({ name, args }: Step): Promise<string> {
    const { StepIds } = await this.#clients.once.send(
      new AddJobFlowStepsCommand({
        JobFlowId: this.id,
        Steps: [
          {
            Name: name,
            // Any other choice would cancel the steps of other days on the same cluster.
            ActionOnFailure: 'CONTINUE',
            HadoopJarStep: { Jar: stepJar, Args: [...args] },
          },
        ],
      }),
    );
    const id = StepIds?.[0];
    if (id === undefined) throw new Failure('transient', `EMR gave step ${name} no id`);
    return id;
  }

  /** Asks; the steps end some time later. */
  async cancelSteps(ids: readonly string[]): Promise<void> {
    await this.#attempt('cancel steps', () =>
      this.#clients.calls.send(
        new CancelStepsCommand({
          ClusterId: this.id,
          StepIds: [...ids],
          StepCancellationOption: 'SEND_INTERRUPT',
        }),
      ),
    );
  }

  /** Fails when the cluster takes and runs no steps any more. */
  async check(): Promise<void> {
    const { Cluster } = await this.#attempt('look at the cluster', () =>
      this.#clients.calls.send(new DescribeClusterCommand({ ClusterId: this.id })),
    );
    const { State = 'unknown', StateChangeReason } = Cluster?.Status ?? {};
    if (!State.startsWith('TERMINAT')) return;
    const reason = StateChangeReason?.Message;
    throw clusterGone(this.id, `${State}${reason === undefined ? '' : ` (${reason})`}`);
  }

  async #attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw emrFailure(`${doing} of cluster ${this.id}`, this.id, error);
    }
  }
}
