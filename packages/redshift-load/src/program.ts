/** What the job is called and takes. Its work is loaded when there is some: --help ends sooner. */
import { stageOf } from '@user-behaviour/shared/pipeline';
import type { Job } from '@user-behaviour/shared/runner/job';
import manifest from '../package.json' with { type: 'json' };
import { check, variables } from './config.ts';

export const redshiftLoad: Job<typeof variables> = {
  stage: stageOf('redshift-load'),
  version: manifest.version,
  summary:
    'Joins the published purchases and reviews of a day into public.user_behavior_metric, audited, in one transaction.',
  variables,
  check,
  flags: {
    'depends-on-past':
      'refuse (75) while the day before has not been loaded, from HISTORY_START on; days are loaded in order',
  },
  inOrderWith: 'depends-on-past',
  open: async (...given) => (await import('./job.ts')).open(...given),
  checkup: async (...given) => (await import('./checks.ts')).checkup(...given),
};
