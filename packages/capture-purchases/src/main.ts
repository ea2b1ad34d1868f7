import '@user-behaviour/shared/interpreted-schemas';
import { runJob } from '@user-behaviour/shared/runner/run-job';
import { capturePurchases } from './program.ts';

void runJob(capturePurchases, process).then((code) => process.exit(code));
