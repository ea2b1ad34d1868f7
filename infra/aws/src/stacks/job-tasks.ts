/** The jobs as tasks on Fargate. They read secrets themselves, by their roles. */
import type { Names } from '@user-behaviour/rights/names';
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Context } from '../context.ts';
import {
  captureJob,
  familyOf,
  logGroupOf,
  logPrefix,
  type TaskName,
  taskNames,
} from '../deployed-names.ts';
import { acknowledge } from '../findings.ts';
import { authorities, environmentsOf, type Parts } from '../job-environment.ts';
import { jobRoleName } from '../parts.ts';
import { roleOf } from '../roles.ts';

export interface JobTask {
  readonly logGroup: LogGroup;
  readonly roleArn: string;
  readonly definitionArn: string;
}

export interface JobTasks {
  readonly tasks: ReadonlyMap<TaskName, JobTask>;
  readonly executionRoleArn: string;
}

const confinement = {
  readonlyRootFilesystem: true,
  linuxParameters: {
    // Node as process 1 would not end on a signal during its start (docs/adr/0011-node-is-process-one.md).
    initProcessEnabled: true,
    capabilities: { drop: ['ALL'] },
  },
};

export function jobTasks(scope: Construct, context: Context, names: Names, parts: Parts): JobTasks {
  const jobs = taskNames(context.capture !== undefined);
  const logGroups = new Map(
    jobs.map((job) => [
      job,
      new LogGroup(scope, `Log-${job}`, {
        logGroupName: logGroupOf(job),
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    ]),
  );
  const repositoryArns = jobs.map(
    (job) =>
      `arn:${Aws.PARTITION}:ecr:${Aws.REGION}:${Aws.ACCOUNT_ID}:repository/${parts.storage.repositoryPrefix}${job}`,
  );
  const execution = roleOf(scope, 'task-execution', {
    ...names,
    repositoryArns,
    logGroups: [...logGroups.values()].map(({ logGroupName }) => logGroupName),
  });
  const environments = environmentsOf(context, parts);
  const tasks = new Map<TaskName, JobTask>();
  for (const [job, logGroup] of logGroups) {
    const ofSource = job === captureJob ? { sourceSecretArn: context.capture ?? '' } : {};
    const roleArn = roleOf(scope, job, { ...names, ...ofSource }, jobRoleName(job)).attrArn;
    const caUrl = readsSource.includes(job) ? parts.source.caUrl : undefined;
    const repository = `${parts.storage.repositoryPrefix}${job}`;
    const common = {
      image: `${Aws.ACCOUNT_ID}.dkr.ecr.${Aws.REGION}.${Aws.URL_SUFFIX}/${repository}:${context.tag}`,
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': logGroup.logGroupName,
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
      taskRoleArn: roleArn,
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
    tasks.set(job, { logGroup, roleArn, definitionArn: definition.ref });
  }
  return { tasks, executionRoleArn: execution.attrArn };
}

const readsSource: readonly TaskName[] = ['extract-purchases', captureJob];

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
