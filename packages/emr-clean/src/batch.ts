/** Cleans many days with few Spark applications: days that are ready at the same time share one. */
import { mapConcurrently } from '@user-behaviour/shared/concurrency';
import { debouncedBatches } from '@user-behaviour/shared/batches/debounce';
import { attemptInHalves, halves, type Suspect } from '@user-behaviour/shared/batches/halving';
import { Failure } from '@user-behaviour/shared/failure';
import type { Day, ReportDay } from '@user-behaviour/shared/runner/job';
import { requireScript } from '@user-behaviour/shared/s3/script-object';
import {
  type ApplicationContext,
  applicationOf,
  daysAtOnce,
  dsOf,
  runApplication,
} from './application.ts';
import { UnexplainedFailure } from './cluster/step-status.ts';
import { fitsOneApplication } from './cluster/steps.ts';
import { prepareDay, type PrepareContext, type ReadyDay } from './input/prepare-day.ts';
import { deleteFolder } from './output/folder.ts';
import { publishDay, runFolders } from './output/publish-day.ts';

export interface BatchContext
  extends Omit<PrepareContext, 'reportDay'>, Omit<ApplicationContext, 'removing'> {}

type Context = BatchContext & ApplicationContext;

/** Cleans the days and reports each. A day that is not ready yet delays no other day. */
export async function cleanBatch(
  days: readonly Day[],
  reportDay: ReportDay,
  given: BatchContext,
): Promise<void> {
  const context: Context = { ...given, removing: [] };
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
  await Promise.all(context.removing.map((end) => end()));
}

/** Halves the days until the step arguments of each application are within EMR's limit. */
function splitToFit(days: readonly ReadyDay[], context: Context): readonly (readonly ReadyDay[])[] {
  if (days.length === 1) return [days];
  if (fitsOneApplication(applicationOf(days, context))) return [days];
  return halves(days).flatMap((half) => splitToFit(half, context));
}

/** Cleans the days in one Spark application, or in several if it fails because of some of the days. */
function cleanTogether(
  days: readonly ReadyDay[],
  reportDay: ReportDay,
  context: Context,
): Promise<void> {
  return attemptInHalves(days, {
    attempt: (group) => cleanAndPublish(group, reportDay, context),
    suspectOf,
    onRetry: (_group, error) => {
      context.session.log.warn(`${String(error)}; retrying the days in two halves`);
    },
    fail: (group, error) => failDays(group, reportDay, error),
  });
}

function suspectOf(error: unknown): Suspect {
  if (error instanceof UnexplainedFailure) return 'day or service';
  return error instanceof Failure && error.kind === 'data' ? 'day' : 'service';
}

/** Runs one Spark application, then publishes each day. Releases each lease before it reports the day. */
async function cleanAndPublish(
  days: readonly ReadyDay[],
  reportDay: ReportDay,
  context: Context,
): Promise<void> {
  await runApplication(days, context);
  try {
    // The cluster has read the script since the first look.
    await requireScript(context.where, days[0]?.input.parameters.script ?? '');
  } catch (error) {
    if (error instanceof Failure && error.kind === 'data') await removeResults(days, context);
    await failDays(days, reportDay, error);
    return;
  }
  await mapConcurrently(daysAtOnce, days, async (ready) => {
    const result = await ready.input.day.record
      .phase('publish', () => publishDay(ready, context))
      .catch((error: unknown) => ({ error }));
    await ready.lease.release();
    reportDay(dsOf(ready), result);
  });
}

/** Removes what another script may have written. */
async function removeResults(days: readonly ReadyDay[], { where }: Context): Promise<void> {
  const folders = days.flatMap(runFolders);
  await mapConcurrently(daysAtOnce, folders, (folder) => deleteFolder(where, folder));
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
