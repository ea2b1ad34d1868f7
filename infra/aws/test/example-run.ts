/** A daily run with made-up names. */
import { jobs } from '@user-behaviour/shared/pipeline';
import type { DailyRun, JobTask } from '../src/state-machine/daily-run.ts';

const tasks = Object.fromEntries(
  jobs.map((job): [string, JobTask] => [
    job,
    {
      family: job,
      logGroupName: `/user-behaviour/${job}`,
    },
  ]),
) as DailyRun['tasks'];

export const exampleRun: DailyRun = {
  clusterArn: 'arn:aws:ecs:us-east-1:000000000000:cluster/jobs',
  subnetIds: ['subnet-1', 'subnet-2'],
  securityGroupId: 'sg-1',
  logPrefix: 'task',
  tasks,
};
