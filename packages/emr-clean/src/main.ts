import '@user-behaviour/shared/interpreted-schemas';
import { runJob } from '@user-behaviour/shared/runner/run-job';
import { emrClean } from './program.ts';

void runJob(emrClean, process).then((code) => process.exit(code));
