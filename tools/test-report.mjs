// Where a vitest run leaves its count for tools/test-all.mjs: one JSON file a project and kind of test.
import { basename, join } from 'node:path';

/**
 * Reporters for a run of the project in `folder`; only the default one unless the run is counted.
 * @returns {('default' | ['json', { outputFile: string }])[]}
 */
export function reporters(
  kind,
  folder = process.env.NX_TASK_TARGET_PROJECT ?? basename(process.cwd()),
) {
  const reports = process.env.TEST_REPORTS;
  if (reports === undefined) return ['default'];
  return ['default', ['json', { outputFile: join(reports, `${folder}.${kind}.json`) }]];
}
