import type { Environment } from '../runner/config.ts';

/** Whether the environment sets the variable. An empty one counts as missing. */
export const isSet = (environment: Environment, name: string): boolean =>
  (environment[name] ?? '') !== '';
