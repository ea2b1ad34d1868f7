import '@user-behaviour/shared/interpreted-schemas';
import { runJob } from '@user-behaviour/shared/runner/run-job';
import { stageReviews } from './program.ts';

void runJob(stageReviews, process).then((code) => process.exit(code));
