/**
 * EMR as slow as AWS's: a step waits, then runs until its time is over. It begins on the local cluster at once, so
 * ListSteps with a filter by state leaves out a step that only AWS would still run.
 */
import type { Answer, Message } from './front.ts';
import { stepPending, stepTime } from './latencies.ts';
import { now, type Recording } from './recording.ts';

interface RemoteStep extends Message {
  readonly Id: string;
  readonly Config: { readonly Args: readonly string[] };
  readonly Status: Message & {
    readonly State: string;
    /** Seconds since 1970. */
    readonly Timeline: { readonly CreationDateTime: number; readonly EndDateTime?: number };
  };
}

/** The state of a step on AWS at a moment, and when it ends there, if it has ended here. Milliseconds since 1970. */
export function stateOnAws(
  { Config, Status: { State, Timeline } }: Pick<RemoteStep, 'Config' | 'Status'>,
  at: number,
): { readonly state: string; readonly end: number | undefined } {
  const { CreationDateTime: created, EndDateTime: ended } = Timeline;
  const isHeld = ended !== undefined && State !== 'CANCELLED';
  const end = isHeld ? ended * 1_000 + stepPending + stepTime(Config.Args) : undefined;
  if (at < created * 1_000 + stepPending && State !== 'CANCELLED') return { state: 'PENDING', end };
  return { state: end !== undefined && at < end ? 'RUNNING' : State, end };
}

export function stepsAnswer(recording: Recording): Answer {
  const noticed = new Set<string>();
  const show = (step: RemoteStep, job: string, arrived: number): RemoteStep => {
    const { state, end } = stateOnAws(step, arrived);
    if (state === step.Status.State) {
      if (end !== undefined && !noticed.has(step.Id)) {
        noticed.add(step.Id);
        const from = step.Status.Timeline.CreationDateTime * 1_000;
        recording.waits.push({ kind: 'step', job, from, until: end });
        recording.waits.push({ kind: 'unnoticed', job, from: end, until: arrived });
      }
      return step;
    }
    const Timeline = { CreationDateTime: step.Status.Timeline.CreationDateTime };
    return { ...step, Status: { State: state, StateChangeReason: {}, Timeline } };
  };
  return ({ operation, job }, reply) => {
    const at = now();
    const shown =
      operation === 'DescribeStep'
        ? { Step: show(reply['Step'] as RemoteStep, job, at) }
        : operation === 'ListSteps'
          ? { Steps: (reply['Steps'] as RemoteStep[]).map((step) => show(step, job, at)) }
          : {};
    return Promise.resolve({ ...reply, ...shown });
  };
}
