import { runJob } from '@user-behaviour/shared/run-job';
import { redshiftLoad } from './job.ts';

process.exit(await runJob(redshiftLoad, process));
