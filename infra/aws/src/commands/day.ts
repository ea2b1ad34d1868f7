/** One day, or each day of a range, on AWS: starts the state machine and waits for its end. */
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { Failure, kindOfExit } from '@user-behaviour/shared/failure';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { newRunId } from '@user-behaviour/shared/runner/run-id';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateOfDays } from '../state-machine/daily-run.ts';
import type { Shell } from './shell.ts';
import type { Deployment } from './stacks.ts';

/** What the state machine takes: `ds`, or `from` and `to`. */
export interface DayInput {
  readonly ds?: string;
  readonly from?: string;
  readonly to?: string;
  /** Days that one task of each job does, e.g. for one cluster. */
  readonly together?: number;
  readonly wait?: string;
}

/** What the state machine tells of one job. */
export interface Outcome {
  readonly job: string;
  /** Missing if the task never started. */
  readonly exit?: number;
  readonly tries: number;
  readonly message?: string;
}

export interface Part {
  readonly ds: string;
  readonly through: string;
  readonly run: string;
  readonly outcomes: readonly Outcome[];
}

/** Starts an execution and prints how each job ended. @throws a failure with the exit code of the execution */
export async function day(
  input: DayInput,
  { stateMachineArn }: Pick<Deployment, 'stateMachineArn'>,
  region: string,
  shell: Shell,
): Promise<void> {
  const client = new SFNClient({ region });
  const { executionArn = '' } = await attempt('start the day', () =>
    client.send(
      new StartExecutionCommand({
        stateMachineArn,
        name: newRunId(new Date()),
        input: JSON.stringify(input),
      }),
    ),
  );
  shell.report(`started ${executionArn}`);
  const ended = await untilEnd(client, executionArn, shell);
  const parts = await partsOf(client, ended);
  for (const line of parts.flatMap(linesOf)) shell.print(line);
  requireSuccess(ended);
}

async function untilEnd(
  client: SFNClient,
  executionArn: string,
  { pause, signal }: Shell,
): Promise<DescribeExecutionOutput> {
  for (;;) {
    const execution = await attempt('look at the execution', () =>
      client.send(new DescribeExecutionCommand({ executionArn })),
    );
    if (execution.status !== 'RUNNING') return execution;
    if (signal.aborted) {
      throw new Failure('interrupted', `${executionArn} goes on`, {
        action: 'stop it in the console of Step Functions, if it should not',
      });
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

/** A failed execution has no output, but its history has the end of its days. */
async function partsOf(
  client: SFNClient,
  { executionArn, output, status }: DescribeExecutionOutput,
): Promise<readonly Part[]> {
  if (status === 'SUCCEEDED') return (JSON.parse(output ?? '{"days":[]}') as Days).days;
  const history = { executionArn: executionArn ?? '', reverseOrder: true };
  for await (const { events = [] } of paginateGetExecutionHistory({ client }, history)) {
    const days = events
      .map(({ stateExitedEventDetails: exited }) => exited)
      .find((exited) => exited?.name === stateOfDays);
    if (days !== undefined) return JSON.parse(days.output ?? '[]') as readonly Part[];
  }
  return [];
}

interface Days {
  readonly days: readonly Part[];
}

/** A line for each job that was started. */
export function linesOf({ ds, through, outcomes }: Part): readonly string[] {
  const days = ds === through ? ds : `${ds} to ${through}`;
  return outcomes.map(({ job, exit, tries, message }) => {
    const end = exit === undefined ? 'no exit code' : exit === 0 ? 'done' : `exit ${String(exit)}`;
    const again = tries > 1 ? `, ${String(tries)} tries` : '';
    return `${days}  ${job}  ${end}${again}${message === undefined ? '' : `: ${message}`}`;
  });
}

/** @throws a failure of the kind that the execution's error names */
export function requireSuccess({
  status,
  error,
  cause,
}: Pick<DescribeExecutionOutput, 'status' | 'error' | 'cause'>): void {
  if (status === 'SUCCEEDED') return;
  if (status === 'ABORTED') {
    throw new Failure('interrupted', 'the execution was stopped');
  }
  if (status === 'TIMED_OUT') {
    throw new Failure('transient', 'the execution took too long, and was stopped');
  }
  const [, code] = /^exit (\d+)$/.exec(error ?? '') ?? [];
  const text = cause ?? error ?? 'the execution failed';
  // A code that no job has is of a killed process, and none at all is of a task that never started.
  const kind = code === undefined ? kindOfError(error) : kindOfExit(Number(code));
  throw new Failure(kind === 'bug' && code !== '70' ? kindOfError(error) : kind, text);
}

const kindOfError = (error: string | undefined) =>
  error?.startsWith('States.') === true ? ('bug' as const) : ('transient' as const);
