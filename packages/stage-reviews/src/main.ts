import { runJob } from '@user-behaviour/shared/run-job';
import { stageReviews } from './job.ts';

process.exit(await runJob(stageReviews, process));
