import type { EMRClient } from '@aws-sdk/client-emr';
import { createLog } from '@user-behaviour/shared/runner/log';
import { beforeEach, describe, expect, it } from 'vitest';
import { EmrCluster } from './emr.ts';
import { StepRunner } from './step-runner.ts';
import type { Step } from './steps.ts';

const step: Step = {
  kind: 'clean',
  name: 'emr-clean/2010-12-01/r1/2-clean',
  args: ['spark-submit'],
};
const lines: string[] = [];
const log = createLog('test', 'json', { write: (line: string) => lines.push(line) }, 'warn');
beforeEach(() => {
  lines.length = 0;
});

type Calls = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => unknown>>;

/** A runner whose EMR answers from a table. Operations that are not in the table get an empty reply. */
function runner(calls: Calls, timeout = 60_000, isTransient = false): StepRunner {
  const client = {
    send: (command: { readonly input: Readonly<Record<string, unknown>> }) => {
      const name = command.constructor.name.replace(/Command$/, '');
      return Promise.resolve().then(() => calls[name]?.(command.input) ?? {});
    },
  } as unknown as EMRClient;
  const cluster = new EmrCluster({ retrying: client, single: client }, 'j-1', isTransient);
  return new StepRunner({ cluster, signal: new AbortController().signal, log, timeout });
}

const refusal = (name: string, message: string): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });

const inState = (State: string, Id = 's-1') => ({
  Id,
  Name: step.name,
  Config: { Args: step.args },
  Status: { State },
});

const unknownStep = () => {
  throw refusal('InvalidRequestException', 'Step id s-1 is not valid.');
};

describe('a step', () => {
  it('is added so that its failure does not cancel the steps of other days', async () => {
    const added: unknown[] = [];
    await runner({
      AddJobFlowSteps: (input) => {
        added.push(input['Steps']);
        return { StepIds: ['s-1'] };
      },
      DescribeStep: () => ({ Step: inState('COMPLETED') }),
    }).run(step);
    expect(added).toMatchObject([[{ Name: step.name, ActionOnFailure: 'CONTINUE' }]]);
  });

  it('that has vanished is a transient failure', async () => {
    const run = runner({
      AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
      DescribeStep: unknownStep,
    }).run(step);
    await expect(run).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('has vanished from cluster j-1') as string,
    });
  });

  it.each([
    [true, 'transient'],
    [false, 'configuration'],
  ])('of a cluster that is gone (the run’s own: %s) is %s at once', async (own, kind) => {
    const terminated = () => ({ Cluster: { Status: { State: 'TERMINATED_WITH_ERRORS' } } });
    const calls = {
      AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
      DescribeStep: () => ({ Step: inState('CANCELLED') }),
      DescribeCluster: terminated,
    };
    await expect(runner(calls, 60_000, own).run(step)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining('is gone: TERMINATED_WITH_ERRORS') as string,
    });
  });

  it('is added once to an own cluster that is gone', async () => {
    let added = 0;
    const calls = {
      AddJobFlowSteps: () => {
        added += 1;
        throw refusal('ValidationException', 'Specified job flow ID does not exist.');
      },
    };
    await expect(runner(calls, 60_000, true).run(step)).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('of this run is gone') as string,
    });
    expect(added).toBe(1);
  });

  it('of an own cluster that EMR ended because of its settings is a configuration failure', async () => {
    const reason = { Code: 'VALIDATION_ERROR', Message: 'The service role has no permissions' };
    const calls = {
      AddJobFlowSteps: () => {
        throw refusal('ValidationException', 'Specified job flow ID does not exist.');
      },
      DescribeCluster: () => ({
        Cluster: { Status: { State: 'TERMINATED_WITH_ERRORS', StateChangeReason: reason } },
      }),
    };
    await expect(runner(calls, 60_000, true).run(step)).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('(The service role has no permissions)') as string,
      action: expect.stringContaining('EMR_ variables') as string,
    });
  });

  it('is polled under its new id if the cluster knows it under another one', async () => {
    let polls = 0;
    await runner({
      AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
      DescribeStep: unknownStep,
      ListSteps: () => {
        polls += 1;
        return { Steps: polls === 1 ? [] : [inState('COMPLETED', 's-2')] };
      },
    }).run(step);
    expect(polls).toBe(2);
  });

  it.each(['INTERRUPTED', 'CANCELLED'])('that ends as %s is a transient failure', async (state) => {
    const run = runner({
      AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
      DescribeStep: () => ({ Step: inState(state) }),
    }).run(step);
    await expect(run).rejects.toMatchObject({ kind: 'transient' });
  });

  it('is awaited although polls of it fail', async () => {
    let polls = 0;
    await runner({
      AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
      DescribeStep: () => {
        polls += 1;
        if (polls < 4) throw refusal('ThrottlingException', 'Rate exceeded');
        return { Step: inState('COMPLETED') };
      },
    }).run(step);
    expect(polls).toBe(4);
  });

  it('that does not end in time is a transient failure', async () => {
    const run = runner(
      {
        AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
        DescribeStep: () => ({ Step: inState('PENDING') }),
      },
      300,
    ).run(step);
    await expect(run).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringMatching(/was not completed within 0.3 s$/) as string,
    });
  });

  it.each([
    ['accepts the cancellation', 0, true],
    ['refuses it', 9, false],
  ])('is called cancelled only if EMR %s', async (_, refusals, expected) => {
    let live = 1;
    let refused = 0;
    const isCancelled = await runner({
      ListSteps: () => ({ Steps: live === 0 ? [] : [inState('RUNNING')] }),
      CancelSteps: () => {
        refused += 1;
        if (refused <= refusals) throw refusal('InternalServerError', 'no');
        live = 0;
        return {};
      },
    }).cancel(() => true);
    expect(isCancelled).toBe(expected);
    const said = lines.some((line) => line.includes('could not cancel the steps of this run'));
    expect(said).toBe(!expected);
  });
});
