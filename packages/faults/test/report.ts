/** What the suites tell besides passing: how much was really done to the jobs. */
import { stderr } from 'node:process';

export const report = (line: string): void => void stderr.write(`faults: ${line}\n`);
