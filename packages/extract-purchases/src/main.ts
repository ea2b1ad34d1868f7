import { runJob } from '@user-behaviour/shared/run-job';
import { extractPurchases } from './job.ts';

void runJob(extractPurchases, process).then((code) => process.exit(code));
