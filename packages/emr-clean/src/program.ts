/** What the job is called and takes. Its work is loaded when there is some: --help ends sooner. */
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { Job } from '@user-behaviour/shared/runner/job';
import manifest from '../package.json' with { type: 'json' };
import { check, variables } from './config.ts';

export const emrClean: Job<typeof variables> = {
  stage: stageOf('emr-clean'),
  version: manifest.version,
  summary:
    'Cleans and labels the staged reviews of a day with Spark on EMR, and publishes them as Parquet.',
  variables,
  check,
  open: async (...given) => (await import('./job.ts')).open(...given),
  checkup: async (configuration) => (await import('./checks.ts')).checkup(configuration),
};
