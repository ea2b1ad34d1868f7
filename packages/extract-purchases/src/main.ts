/**
 * Entry point. The exit code tells a scheduler whether to retry (`failureKinds` in shared/failure.ts);
 * source/errors.ts classifies the errors of the source.
 */
import '@user-behaviour/shared/interpreted-schemas';
import { runJob } from '@user-behaviour/shared/runner/run-job';
import { extractPurchases } from './program.ts';

void runJob(extractPurchases, process).then((code) => process.exit(code));
