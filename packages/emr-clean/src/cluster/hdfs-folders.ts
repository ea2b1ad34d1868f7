/**
 * The folders on HDFS in which applications work, and the steps that remove them. A transient cluster takes
 * its HDFS with it; on a standing one, each application ends with such a step.
 */
import type { Ds } from '@user-behaviour/shared/ds';
import type { RemoteStep } from './emr.ts';
import type { Step } from './steps.ts';

const root = 'hdfs:///movie_review';

/** Holds the folders of all applications of a run that begin with this day. */
export const runFolder = (first: Ds | string, run: string): string => `${root}/${first}/${run}`;

const applicationFolder = new RegExp(`${root}/([\\d-]{10})/([^/]+)/[0-9a-f]{12}(?=/)`);

/** The folder in which the application of a step works. */
export const folderOf = ({ args }: Pick<Step, 'args'>): string | undefined =>
  args
    .map((argument) => applicationFolder.exec(argument)?.[0])
    .find((found) => found !== undefined);

/** A step that removes folders, whether they exist or not. */
export const removal = (name: string, folders: readonly string[]): Step => ({
  kind: 'remove',
  name,
  args: ['hdfs', 'dfs', '-rm', '-r', '-f', '-skipTrash', ...folders],
});

/** Whether the step removes the folder, or one that holds it. */
export const removes = ({ args }: Pick<Step, 'args'>, folder: string): boolean =>
  isRemoval({ args }) && args.some((one) => one === folder || folder.startsWith(`${one}/`));

export const isRemoval = ({ args }: Pick<Step, 'args'>): boolean => args[0] === 'hdfs';

/** What the holder of a lease knows of the runs that are to be cleared away. */
export interface Holder {
  readonly run: string;
  /** The folder in which this application works. */
  readonly folder: string;
  readonly holds: (ds: string) => boolean;
}

/**
 * The folders of orphaned steps. Another application of their run may be live, with another first day; so
 * the run's own folder goes only if the holder has the lease of the first day.
 */
export function orphanedFolders(
  steps: readonly Pick<RemoteStep, 'args'>[],
  { run, folder, holds }: Holder,
): readonly string[] {
  const found = steps.flatMap((step) => {
    const own = folderOf(step);
    if (own === undefined || own === folder) return [];
    const [, first = '', ofRun = ''] = applicationFolder.exec(`${own}/`) ?? [];
    return ofRun !== run && holds(first) ? runFolder(first, ofRun) : own;
  });
  return [...new Set(found)];
}
