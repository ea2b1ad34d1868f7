/** Decides what a step's state means: wait, completed, or a failure and its kind. */
import { Failure, type FailureKindName, failureKinds } from '@user-behaviour/shared/failure';
import { withoutValues } from '@user-behaviour/shared/redaction/without-values';
import type { Step } from './steps.ts';

/** As DescribeStep and ListSteps return it. */
export interface StepStatus {
  readonly State?: string | undefined;
  readonly StateChangeReason?: { readonly Message?: string | undefined } | undefined;
  readonly FailureDetails?:
    | {
        readonly Reason?: string | undefined;
        readonly Message?: string | undefined;
        readonly LogFile?: string | undefined;
      }
    | undefined;
}

export const liveStates = ['PENDING', 'RUNNING', 'CANCEL_PENDING'] as const;

export type StepVerdict = 'live' | 'completed' | Failure;

/** The end of Spark without a verdict of the script: the cluster may be in trouble, or a day be too much for it. */
export class UnexplainedFailure extends Failure {}

export function judgeStep(step: Pick<Step, 'kind' | 'name'>, status: StepStatus): StepVerdict {
  const details = failureDetails(status);
  // An exception of Spark or Python may quote a review.
  const said = withoutValues(details, step.name);
  const log = status.FailureDetails?.LogFile;
  const failure = (kind: FailureKindName, event: string, action?: string, Type = Failure) =>
    new Type(kind, `step ${step.name} ${event}${said === '' ? '' : `: ${said}`}`, {
      action: `${action ?? advice[kind] ?? failureKinds[kind].action}${log === undefined ? '' : `; the log is ${log}`}`,
    });
  switch (status.State) {
    case 'PENDING':
    case 'RUNNING':
    case 'CANCEL_PENDING':
      return 'live';
    case 'COMPLETED':
      return 'completed';
    case 'CANCELLED':
      return failure(
        'transient',
        'was cancelled',
        'find out who cancelled it, then run the days again',
      );
    case 'INTERRUPTED':
      return failure('transient', 'was interrupted');
    case 'FAILED': {
      const kind = failureKind(step.kind, details);
      const isUnexplained =
        step.kind === 'clean' && kind === 'transient' && !troubleOfCluster.test(details);
      return failure(kind, 'failed', undefined, isUnexplained ? UnexplainedFailure : Failure);
    }
    case undefined:
    default:
      return failure('transient', `is in the unknown state ${String(status.State)}`);
  }
}

const advice: Partial<Record<FailureKindName, string>> = {
  data: 'check the reviews and the script, correct them and run the days again',
  configuration: 'grant the cluster’s role access to the bucket',
  transient:
    'check the cluster, then run the days again; each run tries the step once, so the scheduler’s retries are the limit',
};

function failureDetails({ StateChangeReason, FailureDetails }: StepStatus): string {
  const { Reason, Message } = FailureDetails ?? {};
  return [Reason, Message, StateChangeReason?.Message]
    .filter((text, index, all) => text !== undefined && text !== '' && all.indexOf(text) === index)
    .join(': ');
}

/** Trouble in which no file has a part. */
const troubleOfCluster =
  /unreachable|\*?lost\*? node|exit code -100\b|bad node|provisioning|bootstrap/i;

const accessDenied = /access ?denied|forbidden|status code: 403|not authorized/i;

/**
 * The script's own verdict: it rejected its arguments (exit code 64) or its input (65), and says so with its
 * name. Containers and executors have other exit codes.
 */
const rejectedByScript =
  /user application exited with(?: code)? 6[45]\b|spark-submit \w+ with exit code 6[45]\b|^(?:.*: )?exited with(?: code)? 6[45]\b|random_text_classification: error/im;

/**
 * Only a verdict of the script is about the data. Without one, the cluster may have been in trouble in any
 * of many words, so the step is worth another run; a copy has no verdict at all.
 */
function failureKind(kind: Step['kind'], details: string): FailureKindName {
  if (kind === 'clean' && rejectedByScript.test(details)) return 'data';
  return accessDenied.test(details) ? 'configuration' : 'transient';
}
