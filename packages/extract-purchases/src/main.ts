import { runJob } from '@user-behaviour/shared/run-job';
import { extractPurchases } from './job.ts';

process.exit(await runJob(extractPurchases, process));
