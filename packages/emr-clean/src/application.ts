/** Runs the steps of one Spark application on the cluster. */
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { notesOf } from '@user-behaviour/shared/runner/day-record';
import type { Clusters } from './cluster/clusters.ts';
import type { RemoteStep } from './cluster/emr.ts';
import { isRemoval, orphanedFolders, removal, removes, runFolder } from './cluster/hdfs-folders.ts';
import { isStepOf, stepPrefix } from './cluster/step-names.ts';
import { StepRunner } from './cluster/step-runner.ts';
import { type Application, applicationSteps, inputFolder, type Steps } from './cluster/steps.ts';
import { isSameStep, submitStep, type SubmitOptions } from './cluster/submit-step.ts';
import type { ReadyDay } from './input/prepare-day.ts';
import { deleteFolder } from './output/folder.ts';
import { type PublishContext, runFolders } from './output/publish-day.ts';

export interface ApplicationContext extends PublishContext {
  readonly clusters: Clusters;
  /** Milliseconds. */
  readonly stepTimeout: number;
  /** How to wait for the steps that remove the applications' files; the results do not depend on them. */
  readonly removing: (() => Promise<void>)[];
}

export const dsOf = ({ input }: ReadyDay): Ds => input.day.ds;

/** Days that are cleared, verified and published at a time: nearly all of that is waiting for S3. */
export const daysAtOnce = 16;

/** Milliseconds to add the step that removes the files: before publishing, and when a run gives up or is stopped. */
const patience = { done: 15_000, failed: 4_000 };

/**
 * Runs the three steps of an application, then adds one that removes its files from HDFS.
 * cluster/step-runner.ts polls them; cluster/step-status.ts decides what the end of a step means, and so
 * how a step fails.
 */
export async function runApplication(
  days: readonly ReadyDay[],
  context: ApplicationContext,
): Promise<void> {
  const { where, session, clusters, stepTimeout, removing } = context;
  const application = applicationOf(days, context);
  const { run } = application;
  session.signal.throwIfAborted();
  const steps = applicationSteps(application);
  const cluster = await clusters.forRun(
    run,
    days.flatMap(({ lease }) => lease.orphanedRuns),
  );
  const prefix = stepPrefix(days.map(dsOf), run);
  const log = session.log.child({ run });
  const { signal } = session;
  const notes = notesOf(days.map(({ input }) => input.day));
  const taken: { readonly name: string; readonly id: string }[] = [];
  notes.note({ clusterId: cluster.id, steps: taken });
  const onStep = (step: (typeof taken)[number]) => void taken.push(step);
  const runner = new StepRunner({ cluster, signal, log, timeout: stepTimeout, onStep });
  await cluster.requireAlive();
  const folder = inputFolder(application);
  const ofRun = runFolder(application.days[0]?.ds ?? '', run);
  const remove = async (removed: string, inTime: number) => {
    if (cluster.isTransient) return;
    removing.push(await runner.addLast(removal(`${prefix}4-clean-up`, [removed]), inTime));
  };
  let isBegun = false;
  try {
    // A retry of a run may find all steps done, and the files on HDFS removed.
    const isRemoved = await runner.isRemoved(steps.copyOut);
    await runner.cancelAndWait(isOrphaned(days, steps, isRemoved ? undefined : folder));
    if (!cluster.isTransient) await removeOrphaned(days, folder, prefix, { cluster, signal, log });
    for (const { lease } of days) lease.orphanedRuns = [];
    if (isRemoved) return;
    isBegun = true;
    await runner.run(steps.copyIn);
    await runner.run(steps.clean);
    await runner.run(steps.copyOut, async () => {
      const folders = days.flatMap(runFolders);
      await mapConcurrently(daysAtOnce, folders, (one) => deleteFolder(where, one));
    });
  } catch (error) {
    notes.note(applicationIn(error));
    const isOwn = (step: RemoteStep) => step.name.startsWith(prefix) && !isRemoval(step);
    const isCancelled = await runner.cancel(isOwn);
    if (!isCancelled) {
      for (const { lease } of days) lease.orphanedRuns = [...lease.orphanedRuns, run];
    }
    // A half of these days may work in another folder of the run soon.
    if (isBegun) await remove(days.length > 1 ? folder : ofRun, patience.failed);
    throw error;
  }
  await remove(ofRun, patience.done);
}

/** Only the details of a failed step name the application. */
function applicationIn(error: unknown): { readonly applicationId?: string } {
  const [applicationId] = /\bapplication_\d+_\d+\b/.exec(String(error)) ?? [];
  return applicationId === undefined ? {} : { applicationId };
}

/**
 * Live steps of orphaned runs, and of an earlier attempt of this run with other arguments. A step that
 * removes files is left to end, unless it removes the folder that is about to be used.
 */
const isOrphaned =
  (days: readonly ReadyDay[], steps: Steps, folder: string | undefined) =>
  (step: RemoteStep): boolean => {
    if (isRemoval(step)) return folder !== undefined && removes(step, folder);
    const isOfDays = days.some(({ input, lease }) =>
      isStepOf(step.name, input.day.ds, [input.day.run, ...lease.orphanedRuns]),
    );
    const isLive = step.status.State !== 'CANCEL_PENDING';
    return isOfDays && !(isLive && Object.values(steps).some((own) => isSameStep(step, own)));
  };

/** As many as fit into the arguments of a step. */
const mostFolders = 80;

/** Removes what orphaned runs have left on HDFS. Their steps have ended. */
async function removeOrphaned(
  days: readonly ReadyDay[],
  folder: string,
  prefix: string,
  options: SubmitOptions,
): Promise<void> {
  if (days.every(({ lease }) => lease.orphanedRuns.length === 0)) return;
  const steps = (await options.cluster.listSteps()).filter(({ name }) =>
    days.some((day) => isStepOf(name, dsOf(day), day.lease.orphanedRuns)),
  );
  const run = days[0]?.input.day.run ?? '';
  const holds = (ds: string) => days.some((day) => dsOf(day) === ds);
  const folders = orphanedFolders(steps, { run, folder, holds });
  if (folders.length === 0) return;
  await submitStep(removal(`${prefix}0-clean-up`, folders.slice(0, mostFolders)), options);
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
