/** What the operator's commands read from their environment: the same names as the jobs. */
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

/** The first day that there is anything for. */
export const startOfHistory = (environment: Environment): Ds =>
  readConfiguration(historyStart, environment).HISTORY_START;
