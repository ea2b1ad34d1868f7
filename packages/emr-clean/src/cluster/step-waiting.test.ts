import type { EMRClient } from '@aws-sdk/client-emr';
import { createLog } from '@user-behaviour/shared/runner/log';
import { describe, expect, it } from 'vitest';
import { EmrCluster } from './emr.ts';
import { StepRunner } from './step-runner.ts';
import type { Step } from './steps.ts';

const step: Step = {
  kind: 'clean',
  name: 'emr-clean/2010-12-01/r1/2-clean',
  args: ['spark-submit'],
};
const log = createLog('test', 'json', { write: () => undefined }, 'silent');

type Calls = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => unknown>>;

/** EMR as a table of answers; what a test does not name is empty. */
function runner(calls: Calls, timeout = 60_000): StepRunner {
  const client = {
    send: (command: { readonly input: Readonly<Record<string, unknown>> }) => {
      const name = command.constructor.name.replace(/Command$/, '');
      return Promise.resolve().then(() => calls[name]?.(command.input) ?? {});
    },
  } as unknown as EMRClient;
  const cluster = new EmrCluster({ calls: client, once: client }, 'j-1');
  return new StepRunner({ cluster, signal: new AbortController().signal, log, timeout });
}

const refused = (name: string, message: string): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });

const inState = (State: string, Id = 's-1') => ({
  Id,
  Name: step.name,
  Config: { Args: step.args },
  Status: { State },
});

const unknownStep = () => {
  throw refused('InvalidRequestException', 'Step id s-1 is not valid.');
};

describe('a step', () => {
  it('is added so that its failure cancels no step of another day', async () => {
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

  it('that has vanished is transient, never a success', async () => {
    const run = runner({
      AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
      DescribeStep: unknownStep,
    }).run(step);
    await expect(run).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('has vanished from cluster j-1') as string,
    });
  });

  it('that the cluster knows under another id is followed there', async () => {
    let looks = 0;
    await runner({
      AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
      DescribeStep: unknownStep,
      ListSteps: () => {
        looks += 1;
        return { Steps: looks === 1 ? [] : [inState('COMPLETED', 's-2')] };
      },
    }).run(step);
    expect(looks).toBe(2);
  });

  it.each(['INTERRUPTED', 'CANCELLED'])('that ends as %s is transient', async (state) => {
    const run = runner({
      AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
      DescribeStep: () => ({ Step: inState(state) }),
    }).run(step);
    await expect(run).rejects.toMatchObject({ kind: 'transient' });
  });

  it('is waited for though the looks at it fail', async () => {
    let looks = 0;
    await runner({
      AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
      DescribeStep: () => {
        looks += 1;
        if (looks < 4) throw refused('ThrottlingException', 'Rate exceeded');
        return { Step: inState('COMPLETED') };
      },
    }).run(step);
    expect(looks).toBe(4);
  });

  it('that does not end is given up at the deadline', async () => {
    const run = runner(
      {
        AddJobFlowSteps: () => ({ StepIds: ['s-1'] }),
        DescribeStep: () => ({ Step: inState('PENDING') }),
      },
      300,
    ).run(step);
    await expect(run).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('was not completed within 0.3 s') as string,
    });
  });
});
