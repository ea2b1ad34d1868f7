/** Reports what a suite did to the jobs, and how that ended. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, stderr } from 'node:process';
import type { Counts } from '../src/counts.ts';

/** Prints a line, and records it for the sum at the end of all tests (tools/test-run/fault-counts.mjs). */
export function report(suite: string, counts: Counts, ...remarks: readonly string[]): void {
  const context = Object.entries(counts).map(([what, count]) => `${String(count)} ${what}`);
  const line = `${suite}: ${[...context, ...remarks].join(', ')}`;
  stderr.write(`faults: ${line}\n`);
  const folder = env['TEST_REPORTS'];
  if (folder === undefined) return;
  appendFileSync(join(folder, 'fault-counts.jsonl'), `${JSON.stringify({ line, counts })}\n`);
}
