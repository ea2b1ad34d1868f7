import { runJob } from '@user-behaviour/shared/run-job';
import { extractPurchases } from './program.ts';

void runJob(extractPurchases, process).then((code) => process.exit(code));
