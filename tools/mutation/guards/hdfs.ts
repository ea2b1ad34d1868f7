/** Guards of what emr-clean leaves on HDFS. */
import type { Mutation } from '../mutation.ts';

const clean = (file: string) => `packages/emr-clean/${file}`;

export const hdfs: readonly Mutation[] = [
  {
    guard: 'a step is added again if its files on HDFS have been removed',
    file: clean('src/cluster/submit-step.ts'),
    find: 'removed === -1 ? newestFirst : newestFirst.slice(0, removed)',
    replace: 'newestFirst',
    caughtBy: clean('src/cluster/step-runner.test.ts'),
  },
  {
    guard: 'the folder of a run goes only if its first day is held',
    file: clean('src/cluster/hdfs-folders.ts'),
    find: 'ofRun !== run && holds(first)',
    replace: 'ofRun !== run',
    caughtBy: clean('src/cluster/hdfs-folders.test.ts'),
  },
  {
    guard: 'runs and inputs use separate folders on HDFS',
    file: clean('src/cluster/hdfs-folders.ts'),
    find: '`${root}/${first}/${run}`;',
    replace: '`${root}/${first}/${run.slice(0, 0)}`;',
    caughtBy: clean('src/cluster/steps.test.ts'),
  },
];
