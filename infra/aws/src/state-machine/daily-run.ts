/**
 * The daily run as a Step Functions state machine: for each day, purchases and reviews at once, then the load.
 * A failing branch does not stop the other. The order of the jobs is that of the pipeline.
 */
import { canLookBack, type JobName, stageOf } from '@user-behaviour/shared/pipeline';
import * as said from './expressions.ts';
import { executionTimeout, taskTimeout } from './retry-policy.ts';

/** Where a job runs. Names and ARNs may be CloudFormation tokens. */
export interface JobTask {
  /** Of the task definitions: a run takes the newest, also if a deployment replaces it meanwhile. */
  readonly family: string;
  readonly logGroupName: string;
}

export interface DailyRun {
  readonly clusterArn: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  /** The container of a task has the job's name; its log stream is `{logPrefix}/{job}/{task}`. */
  readonly logPrefix: string;
  readonly tasks: Readonly<Record<JobName, JobTask>>;
}

type State = Readonly<Record<string, unknown>>;
type States = Readonly<Record<string, State>>;

/** Days of a range that run at once, as in the other schedulers. */
const daysAtOnce = 4;

/** The states of one job: its task, what is judged after a failure, a pause, and what the job said last. */
function statesOf(job: JobName, next: string, run: DailyRun): States {
  const { source } = stageOf(job) as { source?: { readonly delivered: boolean } };
  const waits = source?.delivered === true;
  // The load also finds the days that were extracted again when the load of that night failed.
  const looksBack = canLookBack(stageOf(job)) ? (source === undefined ? 2 : 1) : 0;
  // The others read a source that may change between two tries (docs/adr/0010).
  const resumes = source === undefined;
  const judged = `${job} failed`;
  const pause = `${job} waits`;
  const words = `${job} said last`;
  return {
    [job]: {
      Type: 'Task',
      Resource: 'arn:aws:states:::ecs:runTask.sync',
      Arguments: {
        Cluster: run.clusterArn,
        TaskDefinition: run.tasks[job].family,
        LaunchType: 'FARGATE',
        PropagateTags: 'TASK_DEFINITION',
        NetworkConfiguration: {
          AwsvpcConfiguration: {
            Subnets: run.subnetIds,
            SecurityGroups: [run.securityGroupId],
            AssignPublicIp: 'ENABLED',
          },
        },
        Overrides: {
          ContainerOverrides: [
            { Name: job, Command: said.commandOf({ waits, looksBack, resumes }) },
          ],
        },
      },
      TimeoutSeconds: waits ? taskTimeout.ofDelivery : taskTimeout.usual,
      Output: said.done(job),
      Catch: [{ ErrorEquals: ['States.ALL'], Output: said.failureOf(job), Next: judged }],
      Next: next,
    },
    [judged]: {
      Type: 'Choice',
      Choices: [{ Condition: said.mayPass, Next: pause }],
      Default: words,
    },
    [pause]: { Type: 'Wait', Seconds: said.delay, Next: job },
    [words]: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:cloudwatchlogs:getLogEvents',
      Arguments: {
        LogGroupName: run.tasks[job].logGroupName,
        LogStreamName: said.logStream(job, run.logPrefix),
        StartFromHead: false,
        Limit: 20,
      },
      Output: said.saidLast(job),
      Catch: [{ ErrorEquals: ['States.ALL'], Output: said.saidNothing(job), Next: next }],
      Next: next,
    },
  };
}

/** Goes on only if the work so far is done. */
const gate = (goOn: string, otherwise: string): State => ({
  Type: 'Choice',
  Choices: [{ Condition: said.isDoneSoFar, Next: goOn }],
  Default: otherwise,
});

const end: State = { Type: 'Pass', End: true };

function statesOfDay(run: DailyRun): States {
  return {
    'purchases and reviews': {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'extract-purchases',
          States: {
            ...statesOf('extract-purchases', 'purchases end', run),
            'purchases end': end,
          },
        },
        {
          StartAt: 'stage-reviews',
          States: {
            ...statesOf('stage-reviews', 'reviews staged', run),
            'reviews staged': gate('emr-clean', 'reviews end'),
            ...statesOf('emr-clean', 'reviews end', run),
            'reviews end': end,
          },
        },
      ],
      Next: 'both ended',
    },
    'both ended': { Type: 'Pass', Output: said.joined, Next: 'inputs published' },
    'inputs published': gate('redshift-load', 'day ends'),
    ...statesOf('redshift-load', 'day ends', run),
    'day ends': { Type: 'Pass', Output: said.told, End: true },
  };
}

const wrongInput = (cause: string): State => ({ Type: 'Fail', Error: 'exit 64', Cause: cause });

/** The state whose output is the outcome of each day, also of an execution that fails. */
export const stateOfDays = 'days';

/** The definition, in the Amazon States Language with JSONata. */
export function dailyRun(run: DailyRun): Readonly<Record<string, unknown>> {
  return {
    Comment: 'Purchases and reviews of a day, as public.user_behavior_metric',
    QueryLanguage: 'JSONata',
    TimeoutSeconds: executionTimeout,
    StartAt: 'input',
    States: {
      input: {
        Type: 'Choice',
        Choices: [{ Condition: said.isInputGood, Next: 'days of input' }],
        Default: 'wrong input',
      },
      'wrong input': wrongInput(
        'expected {"ds": "2010-12-01"}, or {"from": "2010-12-01", "to": "2010-12-05"} with days as yyyy-mm-dd, or the scheduledTime of the schedule',
      ),
      'days of input': { Type: 'Pass', Output: said.daysOfInput, Next: 'count' },
      count: {
        Type: 'Choice',
        Choices: [{ Condition: said.isCountGood, Next: stateOfDays }],
        Default: 'wrong range',
      },
      'wrong range': wrongInput(
        `expected a range that does not end before it begins, of at most ${String(said.mostParts)} parts; "together" puts several days into one part`,
      ),
      [stateOfDays]: {
        Type: 'Map',
        Items: said.days,
        MaxConcurrency: daysAtOnce,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'purchases and reviews',
          States: statesOfDay(run),
        },
        Next: 'outcome',
      },
      outcome: {
        Type: 'Choice',
        Choices: [{ Condition: said.areAllDone, Next: 'all done' }],
        Default: 'failed',
      },
      failed: { Type: 'Fail', Error: said.worst, Cause: said.causes },
      'all done': { Type: 'Pass', Output: said.summary, End: true },
    },
  };
}
