/**
 * Declares the job to the runner. `open` and `healthChecks` load their code only when they are called, so
 * that --help is fast. The rows of a day are those of sql/source/extract/user_purchase.sql.
 */
import { canLookBack, stageOf } from '@user-behaviour/shared/pipeline';
import type { Job } from '@user-behaviour/shared/runner/job';
import { validate } from '@user-behaviour/source/config';
import manifest from '../package.json' with { type: 'json' };
import { variables } from './config.ts';

export const extractPurchases: Job<typeof variables> = {
  stage: stageOf('extract-purchases'),
  version: manifest.version,
  summary:
    'Copies one day of purchases from Postgres to S3 as CSV with a header, plain or compressed, and publishes it.',
  variables,
  validate,
  flags: { look: 'compare the days with what is published, and change nothing' },
  looksBack: canLookBack(stageOf('extract-purchases')),
  open: async (...options) => (await import('./job.ts')).open(...options),
  healthChecks: async (configuration) => (await import('./checks.ts')).healthChecks(configuration),
};
