/**
 * Finds the day for a Kubernetes Job without --ds. A CronJob has no templating and does not pass the
 * scheduled time to its pods (kubernetes/kubernetes#105183). Only the Job's name contains that time.
 * The name does not change if the Job starts late or is retried.
 */
import { type Ds, parseDs, previousDs } from '../ds.ts';
import type { Environment } from './config.ts';
import { Failure } from '../failure.ts';

const minute = 60_000;
const second = 1_000;

/** Within this range, minutes, seconds and dates such as 20101201 cannot be confused. */
const earliest = Date.UTC(2015, 0, 1);
const latest = Date.UTC(2100, 0, 1);

/** The scheduled time in a Job's name; undefined if the name is not from a CronJob. */
export function scheduledTime(jobName: string): Date | undefined {
  const [, digits] = /^.+-(\d{8,10})$/.exec(jobName) ?? [];
  if (digits === undefined) return undefined;
  // Minutes since 1970; before Kubernetes 1.21, seconds (kubernetes/kubernetes#108609).
  return [minute, second]
    .map((unit) => new Date(Number(digits) * unit))
    .find((time) => time.getTime() >= earliest && time.getTime() < latest);
}

/**
 * The UTC day before the Job's scheduled time, or with the offset 0 the day of that time, which is not over yet.
 * Throws a usage failure if the name is not from a CronJob.
 */
export function scheduledDs(jobName: string, offset: ScheduleOffset): Ds {
  const time = scheduledTime(jobName);
  if (time !== undefined) {
    const ds = parseDs(time.toISOString().slice(0, 10));
    return offset === '0' ? ds : previousDs(ds);
  }
  throw new Failure(
    'usage',
    `--ds is missing, and the Job's name ${JSON.stringify(jobName)} does not contain the day; expected <CronJob>-<minutes since 1970>, as a CronJob names its Jobs`,
    { action: 'if you created the Job by hand, add the day to its args, e.g. --ds=2010-12-01' },
  );
}

/** How many days before its scheduled time the day of a run is. */
type ScheduleOffset = '0' | '1';

function parseOffset(text: string | undefined): ScheduleOffset {
  if (text === undefined || text === '') return '1';
  if (text === '0' || text === '1') return text;
  throw new Failure(
    'configuration',
    `SCHEDULE_OFFSET is ${JSON.stringify(text)}; expected 0 for the day of the scheduled time, or 1 for the day before`,
    { action: 'correct it, or remove it' },
  );
}

/** The day of one index of an Indexed Job: index 0 is `from`. Throws usage failures. */
export function indexedDs(from: string, index: string | undefined): Ds {
  const first = parseDs(from, 'BACKFILL_FROM');
  if (index === undefined || !/^\d{1,6}$/.test(index)) {
    throw new Failure(
      'usage',
      `BACKFILL_FROM needs JOB_COMPLETION_INDEX, a whole number from 0; found ${JSON.stringify(index ?? '')}`,
      { action: 'use it in a Job with completionMode: Indexed, or give --ds instead' },
    );
  }
  const time = new Date(`${first}T00:00:00Z`);
  time.setUTCDate(time.getUTCDate() + Number(index));
  return parseDs(time.toISOString().slice(0, 10), `BACKFILL_FROM with index ${index}`);
}

/** The day that the environment names, if any. An index takes precedence over a Job's name. */
export function dsOfEnvironment(environment: Environment): Ds | undefined {
  const {
    KUBERNETES_JOB_NAME: jobName,
    BACKFILL_FROM: from,
    JOB_COMPLETION_INDEX: index,
    SCHEDULE_OFFSET: offset,
  } = environment;
  if (from !== undefined && from !== '') return indexedDs(from, index);
  return jobName === undefined || jobName === ''
    ? undefined
    : scheduledDs(jobName, parseOffset(offset));
}
