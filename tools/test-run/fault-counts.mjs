// What the suites of dev/faults did to the jobs: their lines (test/report.ts there), and one sum.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the order in which the sum tells them. */
const kinds = [
  'effects named',
  'faults injected',
  'survived',
  'interleavings',
  'orphans after sweep',
  'lost rows',
  'doubled rows',
];

/**
 * All that was reported into the folder, by suite; a line that a killed suite left half written is left out.
 * @returns {{ line: string, counts: Record<string, number> }[]}
 */
export function readFaultCounts(folder) {
  const path = join(folder, 'fault-counts.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}}'))
    .map((line) => JSON.parse(line))
    .sort((a, b) => (a.line < b.line ? -1 : 1));
}

/**
 * Sums by kind. A kind that no suite counted is reported as such, not as zero.
 * @param {readonly { counts: Record<string, number> }[]} reports
 */
export function faultSum(reports) {
  const told = kinds.map((kind) => {
    const counted = reports.flatMap(({ counts }) => counts[kind] ?? []);
    return `${counted.length === 0 ? 'no count of' : counted.reduce((a, b) => a + b)} ${kind}`;
  });
  return `faults, summed over the suites: ${told.join(', ')}`;
}
