import { runJob } from '@user-behaviour/shared/run-job';
import { emrClean } from './program.ts';

void runJob(emrClean, process).then((code) => process.exit(code));
