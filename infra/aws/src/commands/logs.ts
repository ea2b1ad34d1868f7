/** What the jobs logged on AWS. */
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { attempt } from '@user-behaviour/shared/s3/aws-errors';
import { logGroupOf, type TaskName } from '../deployed-names.ts';
import type { Shell } from './shell.ts';

export interface LogsInput {
  readonly jobs: readonly TaskName[];
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Prints the lines of each job in their order, the job's name first. */
export async function logs(
  { jobs, since }: LogsInput,
  region: string,
  shell: Shell,
): Promise<void> {
  const client = new CloudWatchLogsClient({ region });
  for (const job of jobs) {
    const logGroupName = logGroupOf(job);
    await attempt(`read ${logGroupName}`, async () => {
      const pages = paginateFilterLogEvents({ client }, { logGroupName, startTime: since });
      for await (const { events = [] } of pages) {
        for (const { message = '' } of events) shell.print(`${job}  ${message.trimEnd()}`);
      }
    });
  }
}
