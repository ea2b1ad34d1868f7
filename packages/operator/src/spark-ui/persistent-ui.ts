/**
 * The persistent application UI of a cluster: Spark's history server, which EMR runs outside of the cluster, so that
 * it outlives it ("View persistent application user interfaces", EMR Management Guide). The local EMR answers the
 * same calls.
 */
import {
  CreatePersistentAppUICommand,
  DescribeClusterCommand,
  DescribePersistentAppUICommand,
  DescribeStepCommand,
  type EMRClient,
  GetPersistentAppUIPresignedURLCommand,
} from '@aws-sdk/client-emr';
import { Failure } from '@user-behaviour/shared/failure';
import { attempt, awsErrorName } from '@user-behaviour/shared/s3/aws-errors';
import { waitFor } from '@user-behaviour/shared/waiting';

/** What there is to look at. */
export interface SparkApplication {
  readonly clusterId: string;
  /** Without it, the page lists all applications of the cluster. */
  readonly applicationId?: string | undefined;
}

/** When a step ran. */
export interface StepTimes {
  readonly started?: Date | undefined;
  readonly ended?: Date | undefined;
}

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Milliseconds for the UI, and then for the link. */
  readonly timeout?: number;
}

/**
 * The link to the application, or to the list of them. It works for a short time, so it is made anew each time; the
 * UI behind it is used again.
 *
 * @throws Failure: configuration without the rights; data if EMR has forgotten the cluster; transient if the UI is not
 *   there in time.
 */
export async function linkTo(
  emr: EMRClient,
  { clusterId, applicationId }: SparkApplication,
  { signal, timeout = 300_000 }: WaitOptions,
): Promise<string> {
  const wait = { signal, timeout, minPause: 250, maxPause: 2_000 };
  const options = { abortSignal: signal };
  const TargetResourceArn = await arnOf(emr, clusterId, options);
  const { PersistentAppUIId } = await attempt(
    `create the persistent application UI of cluster ${clusterId}`,
    () => emr.send(new CreatePersistentAppUICommand({ TargetResourceArn }), options),
  );
  const attached = await attempt(
    `describe the persistent application UI of cluster ${clusterId}`,
    () =>
      waitFor(async () => {
        const { PersistentAppUI: ui } = await emr.send(
          new DescribePersistentAppUICommand({ PersistentAppUIId }),
          options,
        );
        return stateOf(ui?.PersistentAppUIStatus, ui?.LastStateChangeReason);
      }, wait),
  );
  if (attached === undefined) throw notThere(clusterId, 'is not attached', timeout);
  const request = { PersistentAppUIId, PersistentAppUIType: 'SHS' } as const;
  const link = await attempt(
    `get the link to the persistent application UI of cluster ${clusterId}`,
    () =>
      waitFor(async () => {
        const { PresignedURLReady, PresignedURL } = await emr.send(
          new GetPersistentAppUIPresignedURLCommand({ ...request, ApplicationId: applicationId }),
          options,
        );
        return PresignedURLReady === true ? PresignedURL : undefined;
      }, wait),
  );
  if (link === undefined) throw notThere(clusterId, 'has no link', timeout);
  return link;
}

/** When EMR started and ended the step. */
export async function timesOf(
  emr: EMRClient,
  { clusterId, stepId }: { readonly clusterId: string; readonly stepId: string },
  { signal }: WaitOptions,
): Promise<StepTimes> {
  const { Step } = await attempt(`describe step ${stepId} of cluster ${clusterId}`, () =>
    emr.send(new DescribeStepCommand({ ClusterId: clusterId, StepId: stepId }), {
      abortSignal: signal,
    }),
  );
  const { StartDateTime, EndDateTime } = Step?.Status?.Timeline ?? {};
  return { started: StartDateTime, ended: EndDateTime };
}

/** Undefined while it is on its way. EMR documents no states; its own clients wait for ATTACHED. */
function stateOf(status = '', reason?: string): 'attached' | undefined {
  if (status === 'ATTACHED') return 'attached';
  if (!/FAIL|TERMINAT/.test(status)) return undefined;
  throw new Failure(
    'transient',
    `the persistent application UI is ${status}${reason === undefined ? '' : `: ${reason}`}`,
    { action: 'run the command again; if it persists, see the reason in the message' },
  );
}

const notThere = (clusterId: string, what: string, timeout: number): Failure =>
  new Failure(
    'transient',
    `the persistent application UI of cluster ${clusterId} ${what} after ${String(timeout / 1_000)} s`,
    { action: 'run the command again in a minute' },
  );

async function arnOf(
  emr: EMRClient,
  clusterId: string,
  options: { readonly abortSignal: AbortSignal },
): Promise<string | undefined> {
  return attempt(`describe cluster ${clusterId}`, async () => {
    try {
      const request = new DescribeClusterCommand({ ClusterId: clusterId });
      return (await emr.send(request, options)).Cluster?.ClusterArn;
    } catch (error) {
      if (awsErrorName(error) !== 'InvalidRequestException') throw error;
      throw new Failure('data', `EMR does not know cluster ${clusterId}: ${String(error)}`, {
        cause: error,
        action: 'EMR forgets a cluster two months after its end: name a later day',
      });
    }
  });
}
