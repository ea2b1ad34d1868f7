/** Declares the job. Its work is loaded on demand, so that --help is fast. */
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { Job } from '@user-behaviour/shared/runner/job';
import manifest from '../package.json' with { type: 'json' };
import { validate, variables } from './config.ts';

export const stageReviews: Job<typeof variables> = {
  stage: stageOf('stage-reviews'),
  version: manifest.version,
  summary:
    "Copies the vendor's review file of a day and the Spark script to S3 and publishes them.",
  variables,
  validate,
  open: async (configuration, session) => (await import('./job.ts')).open(configuration, session),
  healthChecks: async (configuration) => (await import('./checks.ts')).healthChecks(configuration),
};
