/** The environment variables of the operator's commands; they have the names that the jobs use. */
import { variables as ofCleaning } from '@user-behaviour/emr-clean/config';
import { warehouseVariables } from '@user-behaviour/redshift-load/config';
import {
  baseVariables,
  type Configuration,
  duration,
  emrEndpoint,
  type Environment,
  historyStart,
  readConfiguration,
  variable,
} from '@user-behaviour/shared/runner/config';
import { type Ds, isDs, parseDs, previousDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import * as z from 'zod';
import { addresses } from './health/addresses.ts';

const worldVariables = { ...baseVariables, ...warehouseVariables } as const;
const clusterVariables = {
  ...baseVariables,
  ...emrEndpoint,
  EMR_CLUSTER_ID: ofCleaning.EMR_CLUSTER_ID,
} as const;

export type OperatorConfiguration = Configuration<typeof worldVariables>;

export const operatorConfiguration = (environment: Environment): OperatorConfiguration =>
  readConfiguration(worldVariables, environment);

/** Only `sweep` asks how long it must keep what it may remove. */
const retention = {
  KEEP_RUNS: variable(
    'how long a sweep keeps a run after another replaced it',
    duration('7d', { least: '0s', most: '3650d' }),
  ),
  KEEP_REJECTS: variable(
    'how long a sweep keeps rejected lines at most, even those of a published run',
    duration('90d', { least: '1d', most: '3650d' }),
  ),
  KEEP_RECORDS: variable(
    'how long a sweep keeps the records of runs',
    duration('90d', { least: '1d', most: '3650d' }),
  ),
} as const;

/** Milliseconds. */
export function retentionOf(environment: Environment) {
  const { KEEP_RUNS, KEEP_REJECTS, KEEP_RECORDS } = readConfiguration(retention, environment);
  return { keep: KEEP_RUNS, keepRejects: KEEP_REJECTS, keepRecords: KEEP_RECORDS };
}

const captured = {
  CAPTURE_MAX_AGE: variable(
    'how old the pointer of capture-purchases may be, for health and the page',
    duration('3h', { least: '1m', most: '365d' }),
  ),
} as const;

/** Milliseconds. */
export const captureMaxAge = (environment: Environment): number =>
  readConfiguration(captured, environment).CAPTURE_MAX_AGE;

/** Where the steps of emr-clean run: `sweep` asks whether they have ended. */
export const clusterConfiguration = (environment: Environment) =>
  readConfiguration(clusterVariables, environment);

/** Only `catchup` asks for the end: a job does the days that it is given. */
const history = {
  ...historyStart,
  HISTORY_END: variable(
    'last day of catchup; the default is yesterday, in UTC',
    z
      .string()
      .refine((text): text is Ds => isDs(text), 'expected a real day such as 2010-12-31')
      .optional(),
  ),
} as const;

export interface History {
  /** The first day of history. */
  readonly start: Ds;
  /** The last one that can be processed now. */
  readonly end: Ds;
}

export function historyOf(environment: Environment, now: Date): History {
  const { HISTORY_START: start, HISTORY_END } = readConfiguration(history, environment);
  const end = HISTORY_END ?? previousDs(parseDs(now.toISOString().slice(0, 10)));
  if (start <= end) return { start, end };
  throw new Failure(
    'configuration',
    `HISTORY_END=${end} is before HISTORY_START=${start}; expected the same day or a later one`,
  );
}

/**
 * All of them, for the label of the image.
 *
 * @public tools/image.mjs reads them.
 */
export const variables = {
  ...worldVariables,
  ...clusterVariables,
  ...retention,
  ...captured,
  ...history,
  ...addresses,
} as const;
