/** Declares the job to the runner. `open` and `healthChecks` load their code only when they are called. */
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { Job } from '@user-behaviour/shared/runner/job';
import { validate } from '@user-behaviour/source/config';
import manifest from '../package.json' with { type: 'json' };
import { variables } from './config.ts';

const { source } = stageOf('extract-purchases');

export const capturePurchases: Job<typeof variables> = {
  stage: { name: 'capture-purchases', reads: [], source },
  version: manifest.version,
  summary:
    'Reads what has changed at the source since the last run, and records which days it touches, so that only those are extracted again.',
  isWithoutDays: true,
  variables,
  validate,
  flags: {
    reset:
      'make the replication slot anew and begin a new epoch: once at the start, and after a gap',
  },
  open: async (...options) => (await import('./job.ts')).open(...options),
  healthChecks: async (configuration) => (await import('./checks.ts')).healthChecks(configuration),
};
