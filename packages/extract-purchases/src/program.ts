/** What the job is called and takes. Its work is loaded when there is some: --help ends sooner. */
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { Job } from '@user-behaviour/shared/runner/job';
import manifest from '../package.json' with { type: 'json' };
import { check, variables } from './config.ts';

export const extractPurchases: Job<typeof variables> = {
  stage: stageOf('extract-purchases'),
  version: manifest.version,
  summary:
    'Copies the purchases of a day from Postgres to S3 as CSV with a header, plain or compressed, and publishes them.',
  variables,
  check,
  open: async (...given) => (await import('./job.ts')).open(...given),
  checkup: async (configuration) => (await import('./checks.ts')).checkup(configuration),
};
