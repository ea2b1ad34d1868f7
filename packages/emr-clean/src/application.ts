/** Runs the steps of one Spark application on the cluster. */
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { Failure } from '@user-behaviour/shared/failure';
import type { Ds } from '@user-behaviour/shared/ds';
import type { Clusters } from './cluster/clusters.ts';
import type { RemoteStep } from './cluster/emr.ts';
import { isStepOf, stepPrefix } from './cluster/step-names.ts';
import { StepRunner } from './cluster/step-runner.ts';
import { type Application, applicationSteps } from './cluster/steps.ts';
import { isSameStep } from './cluster/submit-step.ts';
import type { ReadyDay } from './input/prepare-day.ts';
import { deleteFolder } from './output/folder.ts';
import { type PublishContext, runFolders } from './output/publish-day.ts';

export interface ApplicationContext extends PublishContext {
  readonly clusters: Clusters;
  /** Milliseconds. */
  readonly stepTimeout: number;
}

export const dsOf = ({ input }: ReadyDay): Ds => input.day.ds;

/** Days that are cleared, verified and published at a time: nearly all of that is waiting for S3. */
export const daysAtOnce = 16;

/**
 * Runs the three steps of an application. cluster/step-runner.ts polls them;
 * cluster/step-status.ts decides what the end of a step means, and so how a step fails.
 */
export async function runApplication(
  days: readonly ReadyDay[],
  context: ApplicationContext,
): Promise<void> {
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

export function applicationOf(
  days: readonly ReadyDay[],
  { where }: ApplicationContext,
): Application {
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
