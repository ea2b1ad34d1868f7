/** Many days in as few Spark applications as can be: those that are ready go together. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { Day, Settle } from '@user-behaviour/shared/job';
import { Failure } from '@user-behaviour/shared/failure';
import { arrival, type ArrivalContext, type ReadyDay } from './arrival.ts';
import type { Clusters } from './clusters.ts';
import { clear } from './folder.ts';
import type { RemoteStep } from './emr.ts';
import { heaps } from './heaps.ts';
import { publishDay, type PublishContext, runFolders } from './publish-day.ts';
import { isSameStep } from './step-addition.ts';
import { isStepOf, stepPrefix } from './step-names.ts';
import { StepRunner } from './step-runner.ts';
import { type Application, applicationSteps } from './steps.ts';

export interface BatchContext extends Omit<ArrivalContext, 'settle'>, PublishContext {
  readonly clusters: Clusters;
  /** Milliseconds. */
  readonly stepTimeout: number;
}

/** Settles every day; a day that waits for its reviews or for another run keeps no other day waiting. */
export async function cleanBatch(
  days: readonly Day[],
  settle: Settle,
  context: BatchContext,
): Promise<void> {
  const arrivals = days.map((day) => arrival(day, { ...context, settle }));
  for await (const heap of heaps(arrivals)) {
    const ready = [...heap].sort((a, b) => (dsOf(a) < dsOf(b) ? -1 : 1));
    const byScript = Map.groupBy(ready, ({ input }) => input.parameters.script);
    for (const group of byScript.values()) await cleanGroup(group, settle, context);
  }
}

const dsOf = ({ input }: ReadyDay): Ds => input.day.ds;

/** One Spark application, then each day for itself. Leases are let go as the days are settled. */
async function cleanGroup(
  group: readonly ReadyDay[],
  settle: Settle,
  context: BatchContext,
): Promise<void> {
  try {
    await runSteps(group, context);
  } catch (error) {
    if (error instanceof Failure && error.kind === 'data' && group.length > 1) {
      // One day's fault fails the application; in halves, the others go on without it.
      context.session.log.warn(`${error.message}; trying the days in two halves`);
      const half = Math.ceil(group.length / 2);
      await cleanGroup(group.slice(0, half), settle, context);
      await cleanGroup(group.slice(half), settle, context);
      return;
    }
    for (const { input, lease } of group) {
      await lease.release();
      settle(input.day.ds, { error });
    }
    return;
  }
  const queue = group.values();
  const worker = async () => {
    for (const ready of queue) {
      const result = await publishDay(ready, context).catch((error: unknown) => ({ error }));
      await ready.lease.release();
      settle(dsOf(ready), result);
    }
  };
  await Promise.all(Array.from({ length: publishers }, worker));
}

/** Days that are verified and published at a time. */
const publishers = 8;

async function runSteps(group: readonly ReadyDay[], context: BatchContext): Promise<void> {
  const { where, session, clusters, stepTimeout } = context;
  const application = applicationOf(group, where.bucket, context.maxRejected);
  const { run } = application;
  session.signal.throwIfAborted();
  const steps = applicationSteps(application);
  const own = Object.values(steps);
  const cluster = await clusters.of(run);
  const prefix = stepPrefix(group.map(dsOf), run);
  const log = session.log.child({ run });
  const { signal } = session;
  const runner = new StepRunner({ cluster, signal, log, timeout: stepTimeout });
  await cluster.check();
  // What an earlier attempt, or a run whose lease expired, has left works for nobody.
  const isLeft = (step: RemoteStep) =>
    group.some((ready) => isStepOf(step.name, dsOf(ready), [run, ready.lease.abandonedRun])) &&
    (step.status.State === 'CANCEL_PENDING' || !own.some((planned) => isSameStep(step, planned)));
  try {
    await runner.end(isLeft);
    await runner.run(steps.copyIn);
    await runner.run(steps.clean);
    await runner.run(steps.copyOut, async () => {
      for (const folder of group.flatMap(runFolders)) await clear(where, folder);
    });
  } catch (error) {
    await runner.abandon(({ name }) => name.startsWith(prefix));
    throw error;
  }
}

function applicationOf(
  group: readonly ReadyDay[],
  bucket: string,
  maxRejected: number,
): Application {
  const [first] = group;
  if (first === undefined) throw new Failure('bug', 'an application without days');
  return {
    bucket,
    maxRejected,
    run: first.input.day.run,
    script: first.input.parameters.script,
    days: group.map(({ input }) => ({ ds: input.day.ds, loadRun: input.loadRun })),
  };
}
