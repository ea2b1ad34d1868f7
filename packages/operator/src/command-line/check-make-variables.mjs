/**
 * `node check-make-variables.mjs 'TARGET …' -- 'NAME …'` ends with 64 if the targets of make lack such a
 * variable. The words may come as one argument, so that a Makefile can quote them.
 */
import { faultsOfVariables } from './make-variables.mjs';

const given = process.argv
  .slice(2)
  .flatMap((words) => words.split(' ').filter((word) => word !== ''));
const end = given.indexOf('--');
const faults = faultsOfVariables(given.slice(0, end), given.slice(end + 1));
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 64;
