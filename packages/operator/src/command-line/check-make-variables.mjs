/** `node check-make-variables.mjs TARGET… -- NAME…` ends with 64 if a target of make lacks such a variable. */
import { faultsOfVariables } from './make-variables.mjs';

const given = process.argv.slice(2);
const end = given.indexOf('--');
const faults = faultsOfVariables(given.slice(0, end), given.slice(end + 1));
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 64;
