/** The jobs as tasks on Fargate. They read secrets themselves, by their roles. */
import type { Names } from '@user-behaviour/rights/names';
import { type JobName, jobs } from '@user-behaviour/shared/pipeline';
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Context } from '../context.ts';
import { familyOf, logGroupOf, logPrefix } from '../deployed-names.ts';
import { acknowledge } from '../findings.ts';
import { authorities, environmentsOf, type Parts } from '../job-environment.ts';
import { jobRoleName } from '../parts.ts';
import { roleOf } from '../roles.ts';

export interface JobTasks {
  readonly logGroups: Readonly<Record<JobName, string>>;
  readonly taskRoleArns: readonly string[];
  readonly executionRoleArn: string;
}

const byJob = <T>(make: (job: JobName) => T): Readonly<Record<JobName, T>> =>
  Object.fromEntries(jobs.map((job) => [job, make(job)])) as Record<JobName, T>;

const confinement = {
  readonlyRootFilesystem: true,
  linuxParameters: {
    // Node as process 1 would not end on a signal during its start (docs/adr/0011-node-is-process-one.md).
    initProcessEnabled: true,
    capabilities: { drop: ['ALL'] },
  },
};

export function jobTasks(scope: Construct, context: Context, names: Names, parts: Parts): JobTasks {
  const logGroups = byJob((job) => {
    const group = new LogGroup(scope, `Log-${job}`, {
      logGroupName: logGroupOf(job),
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return group.logGroupName;
  });
  const repositoryArns = jobs.map(
    (job) =>
      `arn:${Aws.PARTITION}:ecr:${Aws.REGION}:${Aws.ACCOUNT_ID}:repository/${parts.storage.repositoryPrefix}${job}`,
  );
  const execution = roleOf(scope, 'task-execution', {
    ...names,
    repositoryArns,
    logGroups: Object.values(logGroups),
  });
  const roles = byJob((job) => roleOf(scope, job, names, jobRoleName(job)).attrArn);
  const environments = environmentsOf(context, parts);
  for (const job of jobs) {
    const caUrl = job === 'extract-purchases' ? parts.source.caUrl : undefined;
    const repository = `${parts.storage.repositoryPrefix}${job}`;
    const common = {
      image: `${Aws.ACCOUNT_ID}.dkr.ecr.${Aws.REGION}.${Aws.URL_SUFFIX}/${repository}:${context.tag}`,
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': logGroups[job],
          'awslogs-region': Aws.REGION,
          'awslogs-stream-prefix': logPrefix,
        },
      },
      ...confinement,
    };
    const definition = new CfnTaskDefinition(scope, `Task-${job}`, {
      family: familyOf(job),
      cpu: '256',
      memory: '512',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
      executionRoleArn: execution.attrArn,
      taskRoleArn: roles[job],
      volumes: caUrl === undefined ? [] : [{ name: volume }],
      containerDefinitions: [
        {
          ...common,
          name: job,
          essential: true,
          user: '1000',
          // A job takes up to 20 s to cancel its step or statement.
          stopTimeout: 40,
          environment: Object.entries(environments[job]).map(([name, value]) => ({ name, value })),
          ...(caUrl !== undefined && {
            mountPoints: [
              { sourceVolume: volume, containerPath: authorities.folder, readOnly: true },
            ],
            dependsOn: [{ containerName: volume, condition: 'SUCCESS' }],
          }),
        },
        ...(caUrl === undefined ? [] : [{ ...common, ...downloadOf(caUrl) }]),
      ],
    });
    acknowledge(
      definition,
      'AwsSolutions-ECS2',
      'The variables are names and ARNs. The secret is read by the job.',
    );
  }
  return {
    logGroups,
    taskRoleArns: Object.values(roles),
    executionRoleArn: execution.attrArn,
  };
}

const volume = 'source-authorities';

/**
 * A container that fetches the certificates before the job starts; the images do not hold them. It has the job's
 * image, for its Node. The volume belongs to root (ECS developer guide, bind mounts).
 */
const downloadOf = (caUrl: string) => ({
  name: volume,
  essential: false,
  user: '0',
  entryPoint: ['/usr/local/bin/node', '--input-type=module', '--eval', download],
  command: [caUrl, `${authorities.folder}/${authorities.file}`],
  mountPoints: [{ sourceVolume: volume, containerPath: authorities.folder, readOnly: false }],
});

export const download = `
import { writeFileSync } from 'node:fs';
const [url, file] = process.argv.slice(1);
const answer = await fetch(url);
const text = await answer.text();
if (!answer.ok || !text.includes('BEGIN CERTIFICATE')) {
  throw new Error(url + ' answered ' + answer.status + ', and not with certificates');
}
writeFileSync(file, text);
`.trim();
