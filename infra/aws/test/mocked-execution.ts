/** Runs an execution on ministack whose ECS tasks end as a test wants. */
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { jobs } from '@user-behaviour/shared/pipeline';
import type { AwsEmulator } from '@user-behaviour/testkit/servers/aws-emulator';
import type { Part } from '../src/commands/day.ts';
import { setTimeout as sleep } from 'node:timers/promises';

/** The exit code of a task; `none`: it never started. */
export type Mock = number | 'none' | { readonly Error: string; readonly Cause: string };

export interface Place {
  readonly emulator: AwsEmulator;
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
}

export interface Result {
  readonly name: string;
  readonly status: string;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly days: readonly Part[];
}

function answer(job: string, mock: Mock): object {
  if (mock === 0) return { Return: { LastStatus: 'STOPPED' } };
  if (typeof mock === 'object') return { Throw: mock };
  const task = {
    TaskArn: `arn:aws:ecs:us-east-1:000000000000:task/jobs/${mock === 65 ? 'said-why' : 'silent'}`,
    StoppedReason:
      mock === 'none' ? 'CannotPullContainerError' : 'Essential container in task exited',
    Containers: [
      { Name: 'authorities', ExitCode: 0 },
      { Name: job, ...(mock === 'none' ? {} : { ExitCode: mock }) },
    ],
  };
  return { Throw: { Error: 'States.TaskFailed', Cause: JSON.stringify(task) } };
}

let cases = 0;

/**
 * Prepares how the tasks of the next execution end, and resolves to the ARN that starts it so. `mocks` are the results of
 * each job's tasks in their order; the last one repeats. A job that is not named ends with 0.
 */
export async function withMocks(
  { emulator, stateMachineArn }: Pick<Place, 'emulator' | 'stateMachineArn'>,
  mocks: Readonly<Record<string, readonly Mock[]>>,
): Promise<string> {
  cases += 1;
  const name = `case-${String(cases)}`;
  const machine = stateMachineArn.split(':').at(-1) ?? '';
  const responses = jobs.map((job) => {
    const ends = mocks[job] ?? [0];
    const last = ends.length - 1;
    const answers = ends.map((mock, index) => [
      index === last ? `${String(index)}-999` : String(index),
      answer(job, mock),
    ]);
    return [job, Object.fromEntries(answers)] as const;
  });
  const results = Object.fromEntries(jobs.map((job) => [job, job]));
  await emulator.configure({
    'stepfunctions._SFN_WAIT_SCALE': 0,
    'stepfunctions._sfn_mock_config': {
      StateMachines: { [machine]: { TestCases: { [name]: results } } },
      MockedResponses: Object.fromEntries(responses),
    },
  });
  return `${stateMachineArn}#${name}`;
}

/** Runs an execution with these results to its end. */
export async function runExecution(
  place: Place,
  mocks: Readonly<Record<string, readonly Mock[]>>,
  input: object,
): Promise<Result> {
  const stateMachineArn = await withMocks(place, mocks);
  const name = `run-${String(cases)}`;
  const { executionArn } = await place.sfn.send(
    new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
  );
  for (;;) {
    const {
      status = '',
      error,
      cause,
    } = await place.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') {
      await sleep(50);
      continue;
    }
    const { events = [] } = await place.sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
    );
    const exited = events.find(({ type }) => type === 'MapStateExited');
    const output = exited?.stateExitedEventDetails?.output ?? '[]';
    return { name, status, error, cause, days: JSON.parse(output) as readonly Part[] };
  }
}
