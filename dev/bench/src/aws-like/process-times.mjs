/**
 * Preloaded into each process of a measured command: names its calls of AWS after its package, and tells when it ran.
 * A line of JSON goes to the file PROCESS_TIMES; times are milliseconds since 1970.
 */
import { appendFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const { env, argv } = process;
// packages/{job}/dist/main.mjs, packages/operator/src/main.ts
const job = basename(dirname(dirname(argv[1] ?? '')));
env['AWS_SDK_UA_APP_ID'] = job;
process.on('exit', () => {
  const times = { job, from: performance.timeOrigin, until: Date.now() };
  appendFileSync(env['PROCESS_TIMES'] ?? '/dev/null', `${JSON.stringify(times)}\n`);
});
