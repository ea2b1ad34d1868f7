import { runJob } from '@user-behaviour/shared/run-job';
import { emrClean } from './job.ts';

process.exit(await runJob(emrClean, process));
