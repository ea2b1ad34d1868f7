/** Cleans many days with few Spark applications: days that are ready at the same time share one. */
import type { Ds } from '@user-behaviour/shared/ds';
import type { Day, ReportDay } from '@user-behaviour/shared/runner/job';
import { Failure } from '@user-behaviour/shared/failure';
import { prepareDay, type PrepareContext, type ReadyDay } from './input/prepare-day.ts';
import type { Clusters } from './cluster/clusters.ts';
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { deleteFolder } from './output/folder.ts';
import type { RemoteStep } from './cluster/emr.ts';
import { requireScript } from '@user-behaviour/shared/s3/script-object';
import { debouncedBatches } from '@user-behaviour/shared/debounce';
import { publishDay, type PublishContext, runFolders } from './output/publish-day.ts';
import { isSameStep } from './cluster/submit-step.ts';
import { isStepOf, stepPrefix } from './cluster/step-names.ts';
import { StepRunner } from './cluster/step-runner.ts';
import { type Application, applicationSteps, fitsOneApplication } from './cluster/steps.ts';

export interface BatchContext extends Omit<PrepareContext, 'reportDay'>, PublishContext {
  readonly clusters: Clusters;
  /** Milliseconds. */
  readonly stepTimeout: number;
}

/** Cleans the days and reports each. A day that is not ready yet delays no other day. */
export async function cleanBatch(
  days: readonly Day[],
  reportDay: ReportDay,
  context: BatchContext,
): Promise<void> {
  const preparing = days.map((day) => prepareDay(day, { ...context, reportDay }));
  for await (const batch of debouncedBatches(preparing)) {
    const ready = [...batch].sort((a, b) => (dsOf(a) < dsOf(b) ? -1 : 1));
    // An application has one script and one limit for rejected reviews.
    const groups = Map.groupBy(ready, ({ input }) => JSON.stringify(input.parameters));
    for (const group of groups.values()) {
      const { script } = applicationOf(group, context);
      try {
        await requireScript(context.where, script);
      } catch (error) {
        await failDays(group, reportDay, error);
        continue;
      }
      for (const days of splitToFit(group, context)) await cleanTogether(days, reportDay, context);
    }
  }
}

/** Halves the days until the step arguments of each application are within EMR's limit. */
function splitToFit(
  days: readonly ReadyDay[],
  context: BatchContext,
): readonly (readonly ReadyDay[])[] {
  if (days.length === 1) return [days];
  if (fitsOneApplication(applicationOf(days, context))) return [days];
  return halves(days).flatMap((half) => splitToFit(half, context));
}

function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(items.length / 2);
  return [items.slice(0, half), items.slice(half)];
}

const dsOf = ({ input }: ReadyDay): Ds => input.day.ds;

/** Runs one Spark application, then publishes each day. Releases each lease before it reports the day. */
async function cleanTogether(
  days: readonly ReadyDay[],
  reportDay: ReportDay,
  context: BatchContext,
): Promise<void> {
  try {
    await runSteps(days, context);
  } catch (error) {
    if (error instanceof Failure && error.kind === 'data' && days.length > 1) {
      // One bad day fails the whole application. Halving isolates it, so the other days succeed.
      context.session.log.warn(`${error.message}; retrying the days in two halves`);
      for (const half of halves(days)) await cleanTogether(half, reportDay, context);
      return;
    }
    await failDays(days, reportDay, error);
    return;
  }
  await mapConcurrently(daysAtOnce, days, async (ready) => {
    const result = await publishDay(ready, context).catch((error: unknown) => ({ error }));
    await ready.lease.release();
    reportDay(dsOf(ready), result);
  });
}

/** Releases the leases and reports the failure for each day. */
async function failDays(
  days: readonly ReadyDay[],
  reportDay: ReportDay,
  error: unknown,
): Promise<void> {
  // If the lease was lost, its new holder may have terminated the cluster of this run.
  const mayBeLostLease =
    error instanceof Failure && (error.kind === 'configuration' || error.kind === 'transient');
  for (const { input, lease } of days) {
    const reason = mayBeLostLease ? await lease.reasonFor(error) : error;
    await lease.release();
    reportDay(input.day.ds, { error: reason });
  }
}

/** Days that are cleared, verified and published at a time: nearly all of that is waiting for S3. */
const daysAtOnce = 16;

/**
 * Runs the three steps of an application. cluster/step-runner.ts polls them;
 * cluster/step-status.ts decides what the end of a step means, and so how a step fails.
 */
async function runSteps(days: readonly ReadyDay[], context: BatchContext): Promise<void> {
  const { where, session, clusters, stepTimeout } = context;
  const application = applicationOf(days, context);
  const { run } = application;
  session.signal.throwIfAborted();
  const steps = applicationSteps(application);
  const planned = Object.values(steps);
  const cluster = await clusters.forRun(
    run,
    days.flatMap(({ lease }) => lease.orphanedRuns),
  );
  const prefix = stepPrefix(days.map(dsOf), run);
  const log = session.log.child({ run });
  const { signal } = session;
  const runner = new StepRunner({ cluster, signal, log, timeout: stepTimeout });
  await cluster.requireAlive();
  // Orphaned: steps of orphaned runs, and those of an earlier attempt of this run with other arguments.
  const isOrphaned = (step: RemoteStep) =>
    days.some((day) => isStepOf(step.name, dsOf(day), [run, ...day.lease.orphanedRuns])) &&
    (step.status.State === 'CANCEL_PENDING' || !planned.some((own) => isSameStep(step, own)));
  try {
    await runner.cancelAndWait(isOrphaned);
    for (const { lease } of days) lease.orphanedRuns = [];
    await runner.run(steps.copyIn);
    await runner.run(steps.clean);
    await runner.run(steps.copyOut, async () => {
      const folders = days.flatMap(runFolders);
      await mapConcurrently(daysAtOnce, folders, (folder) => deleteFolder(where, folder));
    });
  } catch (error) {
    const isCancelled = await runner.cancel(({ name }) => name.startsWith(prefix));
    if (!isCancelled) {
      for (const { lease } of days) lease.orphanedRuns = [...lease.orphanedRuns, run];
    }
    throw error;
  }
}

function applicationOf(days: readonly ReadyDay[], { where }: BatchContext): Application {
  const [first] = days;
  if (first === undefined) throw new Failure('bug', 'an application without days');
  const { script, maxRejectedReviews: maxRejected } = first.input.parameters;
  return {
    bucket: where.bucket,
    maxRejected,
    run: first.input.day.run,
    script,
    days: days.map(({ input: { day, loadRun, content } }) => ({ ds: day.ds, loadRun, content })),
  };
}
