import '@user-behaviour/shared/interpreted-schemas';
import { runJob } from '@user-behaviour/shared/runner/run-job';
import { redshiftLoad } from './program.ts';

void runJob(redshiftLoad, process).then((code) => process.exit(code));
