/** What EMR says of a step becomes what the job does about it; pure. A state that nobody knows is a failure. */
import { Failure, type FailureKindName } from '@user-behaviour/shared/failure';
import type { Step } from './steps.ts';

/** As DescribeStep and ListSteps give it. */
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
  const said = explanation(status);
  const log = status.FailureDetails?.LogFile;
  const failure = (kind: FailureKindName, became: string, action?: string) =>
    new Failure(kind, `step ${step.name} ${became}${said === '' ? '' : `: ${said}`}`, {
      action: `${action ?? advice[kind] ?? 'look at the cluster, then run the days again'}${log === undefined ? '' : `; its log is ${log}`}`,
    });
  switch (status.State) {
    case 'PENDING':
    case 'RUNNING':
    case 'CANCEL_PENDING':
      return 'live';
    case 'COMPLETED':
      return 'completed';
    case 'CANCELLED':
      return failure('transient', 'was cancelled', 'find out who cancelled it, then run again');
    case 'INTERRUPTED':
      return failure('transient', 'was interrupted');
    case 'FAILED':
      return failure(failureKind(step.kind, said), 'failed');
    case undefined:
    default:
      return failure('transient', `is in the unknown state ${String(status.State)}`);
  }
}

const advice: Partial<Record<FailureKindName, string>> = {
  data: 'look at the reviews and the script, correct them and run the days again',
  configuration: 'give the cluster’s role the rights on the bucket',
};

function explanation({ StateChangeReason, FailureDetails }: StepStatus): string {
  const { Reason, Message } = FailureDetails ?? {};
  return [Reason, Message, StateChangeReason?.Message]
    .filter((text, index, all) => text !== undefined && text !== '' && all.indexOf(text) === index)
    .join(': ');
}

const refused = /access ?denied|forbidden|status code: 403|not authorized/i;

/** The script's own verdict on its input or arguments: exit code 65 or 64, as Spark or the launcher tell it. */
const verdict = /exit(?:ed with|ed with code| code:?) 6[45]\b|random_text_classification: error/i;

/** What a cluster in trouble says, whatever it was running; the script itself is not to blame. */
const trouble =
  /timed? ?out|connection (?:refused|reset)|unknownhost|outofmemory|no space left|safe ?mode|executorlost|container (?:released|lost)|exit code:? 1(?:34|37|43)|killed|sigkill|sigterm|preempt|throttl|slow ?down|too many requests|service unavailable|was stopped/i;

/**
 * A script that ended with a message of its own says so again the next time; a copy has nothing to
 * be wrong about. Without a word about the cause, trying again is cheap.
 */
function failureKind(kind: Step['kind'], said: string): FailureKindName {
  if (kind === 'clean' && verdict.test(said)) return 'data';
  if (refused.test(said)) return 'configuration';
  if (kind === 'copy' || trouble.test(said)) return 'transient';
  return /^(?:unknown error:?\s*)?$/i.test(said) ? 'transient' : 'data';
}
