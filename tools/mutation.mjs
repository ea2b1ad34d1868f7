// Takes one guard after the other out of a copy of the source; the named suite must turn red each time.
// Arguments: parts of guards' or suites' names, to try those alone; the other rows of the table stay.
import { run } from './mutation/run.ts';

process.exit(await run(process.argv.slice(2)));
