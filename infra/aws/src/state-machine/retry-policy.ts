/** When the daily run starts a job again: the exit codes of the failure policy, as Step Functions needs them. */
import { failureKinds, isDone } from '@user-behaviour/shared/failure';

const kinds = Object.values(failureKinds);

/** The most severe first. */
export const severity: readonly number[] = [...new Set(kinds.map(({ exit }) => exit))];

/**
 * No retry changes these. Every other code is tried again, as is a task without one: it was killed (137), or
 * never started.
 */
export const finalExits: readonly number[] = [
  ...new Set(kinds.filter(({ retry }) => retry === 'never').map(({ exit }) => exit)),
];

/** After these, the jobs that read the result can start. */
export const doneExits: readonly number[] = [0, ...severity.filter(isDone)];

/** As for the CronJobs of Kubernetes. */
export const retries = 6;

/** Seconds before the first retry; the wait doubles with each, up to the longest. As in Airflow. */
export const retryDelay = { first: 300, longest: 1_800 } as const;

/** Seconds until a task is no longer waited for. The vendor may deliver up to 6 h late. */
export const taskTimeout = { usual: 6 * 3_600, ofDelivery: 8 * 3_600 } as const;

/**
 * Tries that wait for the vendor's file. The second has its wait for a failure that came before the file; with more
 * of them, a file that never comes would outlast the execution, and its time-out says less than the job.
 */
export const waitingTries = 2;

/** How long the scheduled run waits for the vendor's file; a duration of `--wait`. */
export const waitForDelivery = '6h';

/** How many earlier days the scheduled run compares, and makes again where they differ; a number of `--look-back`. */
export const lookBack = 7;
/** The run of an hour, for what was captured of any day. */
export const lookBackOfHour = 1;

/** Seconds that an execution may take; the next day's begins after 86,400. */
export const executionTimeout = 20 * 3_600;
