/** Many days in as few Spark applications as can be: those that are ready go together. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { Day, Settle } from '@user-behaviour/shared/runner/job';
import { Failure } from '@user-behaviour/shared/failure';
import { arrival, type ArrivalContext, type ReadyDay } from './input/prepare-day.ts';
import type { Clusters } from './cluster/clusters.ts';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { clear } from './output/folder.ts';
import type { RemoteStep } from './cluster/emr.ts';
import { debouncedBatches } from '@user-behaviour/shared/debounce';
import { publishDay, type PublishContext, runFolders } from './output/publish-day.ts';
import { isSameStep } from './cluster/submit-step.ts';
import { isStepOf, stepPrefix } from './cluster/step-names.ts';
import { StepRunner } from './cluster/step-runner.ts';
import { type Application, applicationSteps, fitsOneApplication } from './cluster/steps.ts';

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
  for await (const batch of debouncedBatches(arrivals)) {
    const ready = [...batch].sort((a, b) => (dsOf(a) < dsOf(b) ? -1 : 1));
    const byScript = Map.groupBy(ready, ({ input }) => input.parameters.script);
    for (const group of byScript.values()) {
      for (const days of applications(group, context)) await cleanGroup(days, settle, context);
    }
  }
}

/** All days together, or in halves where the arguments of a step would grow too long. */
function applications(
  group: readonly ReadyDay[],
  context: BatchContext,
): readonly (readonly ReadyDay[])[] {
  if (group.length === 1) return [group];
  if (fitsOneApplication(applicationOf(group, context))) return [group];
  return halves(group).flatMap((half) => applications(half, context));
}

function halves<T>(all: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(all.length / 2);
  return [all.slice(0, half), all.slice(half)];
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
      for (const half of halves(group)) await cleanGroup(half, settle, context);
      return;
    }
    const isGrave = error instanceof Failure && error.kind === 'configuration';
    for (const { input, lease } of group) {
      const reason = isGrave ? await lease.reasonFor(error) : error;
      await lease.release();
      settle(input.day.ds, { error: reason });
    }
    return;
  }
  await mapConcurrently(daysAtOnce, group, async (ready) => {
    const result = await publishDay(ready, context).catch((error: unknown) => ({ error }));
    await ready.lease.release();
    settle(dsOf(ready), result);
  });
}

/** Days that are cleared, verified and published at a time: the wait is for S3. */
const daysAtOnce = 16;

async function runSteps(group: readonly ReadyDay[], context: BatchContext): Promise<void> {
  const { where, session, clusters, stepTimeout } = context;
  const application = applicationOf(group, context);
  const { run } = application;
  session.signal.throwIfAborted();
  const steps = applicationSteps(application);
  const own = Object.values(steps);
  const cluster = await clusters.of(
    run,
    group.flatMap(({ lease }) => lease.left),
  );
  const prefix = stepPrefix(group.map(dsOf), run);
  const log = session.log.child({ run });
  const { signal } = session;
  const runner = new StepRunner({ cluster, signal, log, timeout: stepTimeout });
  await cluster.check();
  // What an earlier attempt, or a run that could not end its own steps, has left works for nobody.
  const isLeft = (step: RemoteStep) =>
    group.some((ready) => isStepOf(step.name, dsOf(ready), [run, ...ready.lease.left])) &&
    (step.status.State === 'CANCEL_PENDING' || !own.some((planned) => isSameStep(step, planned)));
  try {
    await runner.end(isLeft);
    for (const { lease } of group) lease.left = [];
    await runner.run(steps.copyIn);
    await runner.run(steps.clean);
    await runner.run(steps.copyOut, async () => {
      const folders = group.flatMap(runFolders);
      await mapConcurrently(daysAtOnce, folders, (folder) => clear(where, folder));
    });
  } catch (error) {
    const abandoned = await runner.abandon(({ name }) => name.startsWith(prefix));
    if (!abandoned) for (const { lease } of group) lease.left = [...lease.left, run];
    throw error;
  }
}

function applicationOf(
  group: readonly ReadyDay[],
  { where, maxRejected }: BatchContext,
): Application {
  const [first] = group;
  if (first === undefined) throw new Failure('bug', 'an application without days');
  return {
    bucket: where.bucket,
    maxRejected,
    run: first.input.day.run,
    script: first.input.parameters.script,
    days: group.map(({ input: { day, loadRun, content } }) => ({ ds: day.ds, loadRun, content })),
  };
}
