/** Decides what a step's state means: wait, completed, or a failure and its kind. */
import { Failure, type FailureKindName } from '@user-behaviour/shared/failure';
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

export function judgeStep(step: Pick<Step, 'kind' | 'name'>, status: StepStatus): StepVerdict {
  const details = failureDetails(status);
  const log = status.FailureDetails?.LogFile;
  const failure = (kind: FailureKindName, event: string, action?: string) =>
    new Failure(kind, `step ${step.name} ${event}${details === '' ? '' : `: ${details}`}`, {
      action: `${action ?? advice[kind] ?? 'check the cluster, then run the days again'}${log === undefined ? '' : `; the log is ${log}`}`,
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
    case 'FAILED':
      return failure(failureKind(step.kind, details), 'failed');
    case undefined:
    default:
      return failure('transient', `is in the unknown state ${String(status.State)}`);
  }
}

const advice: Partial<Record<FailureKindName, string>> = {
  data: 'check the reviews and the script, correct them and run the days again',
  configuration: 'grant the cluster’s role access to the bucket',
};

function failureDetails({ StateChangeReason, FailureDetails }: StepStatus): string {
  const { Reason, Message } = FailureDetails ?? {};
  return [Reason, Message, StateChangeReason?.Message]
    .filter((text, index, all) => text !== undefined && text !== '' && all.indexOf(text) === index)
    .join(': ');
}

const accessDenied = /access ?denied|forbidden|status code: 403|not authorized/i;

/** The script rejected its arguments (exit code 64) or its input (65), as Spark or the launcher report it. */
const rejectedByScript =
  /exit(?:ed with|ed with code| code:?) 6[45]\b|random_text_classification: error/i;

/** Messages of a cluster in trouble, whatever it was running. The script is not at fault. */
const clusterTrouble =
  /timed? ?out|connection (?:refused|reset)|unknownhost|outofmemory|no space left|safe ?mode|executorlost|container (?:released|lost)|exit code:? 1(?:34|37|43)|killed|sigkill|sigterm|preempt|throttl|slow ?down|too many requests|service unavailable|was stopped/i;

/**
 * A script that ended with its own message would fail again in the same way, so that is wrong data.
 * A copy has no logic that could be wrong, and without any message a retry is cheap: both are transient.
 */
function failureKind(kind: Step['kind'], details: string): FailureKindName {
  if (kind === 'clean' && rejectedByScript.test(details)) return 'data';
  if (accessDenied.test(details)) return 'configuration';
  if (kind === 'copy' || clusterTrouble.test(details)) return 'transient';
  return /^(?:unknown error:?\s*)?$/i.test(details) ? 'transient' : 'data';
}
