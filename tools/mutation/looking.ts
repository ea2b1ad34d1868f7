/** Guards of the operator's commands that only look. */
import type { Mutation } from './mutation.ts';

const operator = (file: string) => `packages/operator/src/${file}`;
const start = {
  file: operator('bucket/object-start.ts'),
  caughtBy: operator('bucket/object-start.test.ts'),
};

export const looking: readonly Mutation[] = [
  {
    ...start,
    guard: 'only the beginning of an object is read',
    find: 'Key: key, Range }',
    replace: 'Key: key }',
  },
  {
    ...start,
    guard: 'what is not text is not printed',
    find: 'if (content.includes(0))',
    replace: 'if (content.includes(0) && bytes < 0)',
  },
  {
    guard: 'a setting of the shell is told only where the next catchup has another',
    file: 'packages/operator/src/run/shell-settings.ts',
    find: 'if (changed.length === 0) return [];',
    replace: '',
    caughtBy: 'packages/operator/src/run/shell-settings.test.ts',
  },
  {
    guard: 'a day with other settings than its own is stale in status',
    file: operator('plan/status.ts'),
    find: 'if (isStale || hasOtherSettings(facts, settings))',
    replace: 'if (isStale)',
    caughtBy: operator('plan/status.test.ts'),
  },
  {
    guard: 'each job tells the settings of days with other rules',
    file: operator('plan/job-settings.ts'),
    find: 'Map.groupBy(days, keyOf)',
    replace: 'Map.groupBy(days.slice(0, 1), keyOf)',
    caughtBy: operator('plan/job-settings.test.ts'),
  },
  {
    guard: 'only the bucket of the pipeline is read',
    file: operator('bucket/s3-command.ts'),
    find: 'if (named === bucket) return key;',
    replace: 'if (named !== undefined) return key;',
    caughtBy: operator('bucket/s3-command.test.ts'),
  },
  {
    guard: 'psql opens the source read only',
    file: operator('source/psql-client.ts'),
    find: 'PGOPTIONS: sessionOptions(0),',
    replace: "PGOPTIONS: '',",
    caughtBy: operator('source/psql-client.test.ts'),
  },
  {
    guard: 'a value does not control the terminal',
    file: operator('table.ts'),
    find: String.raw`.replaceAll(/\p{Cc}/gu, ' ')`,
    replace: '',
    caughtBy: operator('table.test.ts'),
  },
];
