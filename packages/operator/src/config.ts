/** The environment variables of the operator's commands; they have the names that the jobs use. */
import { warehouseVariables } from '@user-behaviour/redshift-load/config';
import {
  baseVariables,
  type Configuration,
  type Environment,
  historyStart,
  readConfiguration,
} from '@user-behaviour/shared/runner/config';
import type { Ds } from '@user-behaviour/shared/ds';

const variables = { ...baseVariables, ...warehouseVariables } as const;

export type OperatorConfiguration = Configuration<typeof variables>;

export const operatorConfiguration = (environment: Environment): OperatorConfiguration =>
  readConfiguration(variables, environment);

/** The first day of history. */
export const startOfHistory = (environment: Environment): Ds =>
  readConfiguration(historyStart, environment).HISTORY_START;
