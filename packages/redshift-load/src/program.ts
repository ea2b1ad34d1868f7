/**
 * The job's stage, variables and flags; its code is imported only when needed, so that --help is quick.
 *
 * The metric: sql/warehouse/load/050_insert_days.sql, in the transaction of load/transaction.ts.
 * The guard against an older generation: sql/warehouse/audit/010_moves_forward.sql, in the same transaction.
 * Two runs of one day: load-days.ts.
 */
import { canLookBack, stageOf } from '@user-behaviour/shared/pipeline';
import type { Job } from '@user-behaviour/shared/runner/job';
import manifest from '../package.json' with { type: 'json' };
import { validate, variables } from './config.ts';

export const redshiftLoad: Job<typeof variables> = {
  stage: stageOf('redshift-load'),
  version: manifest.version,
  summary:
    'Joins the published purchases and reviews of each day into public.user_behavior_metric, audited, a set of days in one transaction.',
  variables,
  validate,
  flags: {
    'depends-on-past':
      'exit with 75 until the day before is loaded, except for HISTORY_START; days are loaded in order',
  },
  inOrderWith: 'depends-on-past',
  looksBack: canLookBack(stageOf('redshift-load')),
  sql: async () => (await import('./load/transaction.ts')).insertDays().sql,
  open: async (configuration, session) => (await import('./job.ts')).open(configuration, session),
  healthChecks: async (...given) => (await import('./checks.ts')).healthChecks(...given),
};
