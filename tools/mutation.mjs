// Removes one guard at a time from a copy of the source; the named suite must fail each time.
// Arguments: parts of the names of guards or suites, to try only those.
import { run } from './mutation/run.ts';

process.exit(await run(process.argv.slice(2)));
