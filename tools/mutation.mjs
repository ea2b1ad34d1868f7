// Takes one guard after the other out of a copy of the source; the named suite must turn red each time.
// Arguments: parts of guards' names, to try those alone; the table in docs is then left as it is.
import { run } from './mutation/run.ts';

process.exit(await run(process.argv.slice(2)));
