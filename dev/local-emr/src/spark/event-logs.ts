/** The event logs of Spark applications, from which the history server draws its pages. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Some 35 KB each for a small day. */
const logsKept = 200;

/** What makes an application write its log, `{application id}.zstd` once it has ended. The folder must exist. */
export const eventLogConf = (folder: string): Record<string, string> => ({
  'spark.eventLog.enabled': 'true',
  'spark.eventLog.compress': 'true',
  'spark.eventLog.dir': pathToFileURL(folder).href,
  // Ids are times in milliseconds. Two applications of one millisecond: the log of one is lost, and none fails.
  'spark.eventLog.overwrite': 'true',
});

/** Creates the folder for one more log, and removes the oldest ones above the number that is kept. */
export async function prepareEventLogs(folder: string, kept = logsKept): Promise<void> {
  await mkdir(folder, { recursive: true });
  const logs = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      // Another step may have removed it since.
      return { path, changed: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  const oldest = logs.sort((a, b) => b.changed - a.changed).slice(kept);
  await Promise.all(oldest.map(({ path }) => rm(path, { force: true })));
}
