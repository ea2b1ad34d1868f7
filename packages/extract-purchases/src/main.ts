import { runJob } from '@user-behaviour/shared/runner/run-job';
import { extractPurchases } from './program.ts';

void runJob(extractPurchases, process).then((code) => process.exit(code));
