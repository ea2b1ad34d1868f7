/**
 * The job's variables and entry points. The code is imported only when needed, so --help is fast:
 * job.ts opens the job, batch.ts cleans the days. What is a positive review:
 * spark/random_text_classification.py.
 */
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { Job } from '@user-behaviour/shared/runner/job';
import manifest from '../package.json' with { type: 'json' };
import { validate, variables } from './config.ts';

export const emrClean: Job<typeof variables> = {
  stage: stageOf('emr-clean'),
  version: manifest.version,
  summary:
    'Cleans and labels the staged reviews of a day with Spark on EMR, and publishes them as Parquet.',
  variables,
  validate,
  open: async (...args) => (await import('./job.ts')).open(...args),
  healthChecks: async (configuration) => (await import('./checks.ts')).healthChecks(configuration),
};
