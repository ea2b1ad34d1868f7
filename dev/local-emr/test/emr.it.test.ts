/** Steps that really run: copies from and to a real S3 server, and Spark. */
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CancelStepsCommand,
  ListStepsCommand,
  RunJobFlowCommand,
  TerminateJobFlowsCommand,
  type EMRClient,
} from '@aws-sdk/client-emr';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterId as sharedCluster } from '@user-behaviour/local-cloud/environment';
import {
  EmrCloud,
  addSteps,
  clusterState,
  commandStep,
  describeStep,
  endOf,
  fileHolds,
} from './cloud.ts';

/** Counts words. One path has a scheme and the other has none, because scripts use both. */
const COUNT = `
import sys
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.builder.appName("count").getOrCreate()
words = spark.read.text("hdfs://" + sys.argv[1]).select(F.explode(F.split("value", " ")).alias("word"))
words.groupBy("word").count().orderBy("word").coalesce(1).write.mode("overwrite").csv(sys.argv[2])
spark.stop()
`;
const FAIL = 'raise ValueError("the column review_str is missing")\n';
const WAIT = 'import time\nprint("begun", flush=True)\ntime.sleep(3600)\n';

let cloud: EmrCloud;
let client: EMRClient;

beforeAll(async () => {
  cloud = await EmrCloud.start();
  await cloud.startEndpoint();
  client = cloud.client();
  await cloud.put('scripts/count.py', COUNT);
  await cloud.put('scripts/fail.py', FAIL);
  await cloud.put('scripts/wait.py', WAIT);
});

afterAll(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
});

const spark = (name: string, script: string, ...args: string[]) =>
  commandStep(name, [
    'spark-submit',
    '--deploy-mode',
    'cluster',
    cloud.address(`scripts/${script}`),
    ...args,
  ]);

/** Whether any process on this machine belongs to the step. */
async function processesOf(stepId: string): Promise<string> {
  const list = await promisify(execFile)('/bin/sh', [
    '-c',
    'cat /proc/[0-9]*/cmdline | tr "\\0" " "',
  ])
    .then(({ stdout }) => stdout)
    .catch((error: unknown) => (error as { stdout: string }).stdout);
  return list.includes(stepId) ? 'running' : 'none';
}

describe('steps', () => {
  it('copies in, runs Spark, and copies out', async () => {
    await cloud.put('out/part-of-another-run.csv', 'stays');
    await cloud.put('in/a.txt', 'good film\n');
    await cloud.put('in/deep/b.txt', 'good good\n');
    const [copyIn = '', run = '', copyOut = ''] = await addSteps(client, [
      commandStep('in', [
        's3-dist-cp',
        '--src',
        cloud.address('in/a.txt'),
        '--dest=hdfs:///word/in',
      ]),
      spark('run', 'count.py', '/word/in', '/word/out'),
      commandStep('out', [
        's3-dist-cp',
        '--src=hdfs:///word/out',
        `--dest=${cloud.address('out/')}`,
        '--srcPattern',
        '.*\\.csv',
      ]),
    ]);
    for (const id of [copyIn, run, copyOut]) {
      const { Status } = await endOf(client, id);
      expect(Status?.FailureDetails).toBeUndefined();
      expect(Status?.State).toBe('COMPLETED');
      expect(Status?.Timeline?.EndDateTime).toBeInstanceOf(Date);
    }
    const keys = await cloud.keys('out/');
    expect(keys).toEqual([
      expect.stringMatching(/^out\/part-00000-.*\.csv$/),
      'out/part-of-another-run.csv',
    ]);
    expect(await cloud.get(keys[0] ?? '')).toBe('film,1\ngood,1\n');
    expect(await readFile(cloud.log(copyOut, 'stdout'), 'utf8')).toContain(
      'copied 1 files, 14 bytes',
    );
  }, 600_000);

  it('reports why a script failed, and CANCEL_AND_WAIT cancels pending steps', async () => {
    const failing = { ...spark('fails', 'fail.py'), ActionOnFailure: 'CANCEL_AND_WAIT' as const };
    const [fails = '', next = ''] = await addSteps(client, [failing, spark('next', 'wait.py')]);
    const { Status } = await endOf(client, fails);
    expect(Status?.State).toBe('FAILED');
    expect(Status?.FailureDetails).toMatchObject({
      Reason: 'spark-submit ended with exit code 1',
      Message: expect.stringContaining(
        'ValueError: the column review_str is missing (fail.py, line 1)',
      ) as string,
      LogFile: cloud.log(fails, 'stdout'),
    });
    expect((await describeStep(client, next)).Status?.State).toBe('CANCELLED');
    expect(await clusterState(client)).toBe('WAITING');
  });

  it('copies a whole prefix into HDFS with its names, and overwrites existing files', async () => {
    for (const key of ['tree/a', 'tree/x/b', 'tree/x/y/c', 'tree2/d']) await cloud.put(key, key);
    const step = commandStep('tree', [
      's3-dist-cp',
      '--src',
      cloud.address('tree'),
      '--dest',
      '/tree',
    ]);
    for (const id of await addSteps(client, [step, step])) {
      expect((await endOf(client, id)).Status?.State).toBe('COMPLETED');
    }
    const tree = join(cloud.options.hdfsDir, 'tree');
    const found = await readdir(tree, { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files.toSorted()).toEqual(['a', 'b', 'c']);
    expect(await readFile(join(tree, 'x/y/c'), 'utf8')).toBe('tree/x/y/c');
  });

  it('fails a copy of nothing, an unknown option and an unknown command', async () => {
    const ids = await addSteps(client, [
      commandStep('empty', ['s3-dist-cp', '--src', cloud.address('none/'), '--dest', 'hdfs:///x']),
      commandStep('option', ['s3-dist-cp', '--srcPrefixesFile', 'x']),
      commandStep('command', ['hive-script']),
    ]);
    const messages = [];
    for (const id of ids) {
      const { Status } = await endOf(client, id);
      messages.push(`${Status?.State ?? ''} ${Status?.FailureDetails?.Message ?? ''}`);
    }
    expect(messages).toEqual([
      `FAILED s3-dist-cp: there is nothing to copy: no file below ${cloud.address('none/')}`,
      expect.stringContaining('does not support --srcPrefixesFile'),
      expect.stringContaining("not 'hive-script'"),
    ]);
  });

  it('cancels a running step with all its processes, and pending ones at once', async () => {
    const [running = '', pending = ''] = await addSteps(client, [
      spark('running', 'wait.py'),
      spark('pending', 'wait.py'),
    ]);
    await fileHolds(cloud.log(running, 'stdout'), 'begun');
    expect(await processesOf(running)).toBe('running');
    const cancel = new CancelStepsCommand({
      ClusterId: sharedCluster,
      StepIds: [pending, running],
    });
    const { CancelStepsInfoList } = await client.send(cancel);
    expect(CancelStepsInfoList?.map(({ Status }) => Status)).toEqual(['SUBMITTED', 'SUBMITTED']);
    expect((await describeStep(client, pending)).Status?.State).toBe('CANCELLED');
    expect((await describeStep(client, running)).Status?.State).toBe('CANCEL_PENDING');
    expect((await endOf(client, running)).Status?.State).toBe('CANCELLED');
    expect(await processesOf(running)).toBe('none');
    expect((await client.send(cancel)).CancelStepsInfoList).toHaveLength(2);
  });

  it('ends the running step of a terminated cluster and rejects new ones', async () => {
    const { JobFlowId = '' } = await client.send(
      new RunJobFlowCommand({
        Name: 'terminated',
        Instances: { KeepJobFlowAliveWhenNoSteps: true },
        Steps: [spark('running', 'wait.py')],
      }),
    );
    const { Steps } = await client.send(new ListStepsCommand({ ClusterId: JobFlowId }));
    const stepId = Steps?.[0]?.Id ?? '';
    await fileHolds(cloud.log(stepId, 'stdout', JobFlowId), 'begun');
    await client.send(new TerminateJobFlowsCommand({ JobFlowIds: [JobFlowId] }));
    await expect
      .poll(() => clusterState(client, JobFlowId), { timeout: 20_000 })
      .toBe('TERMINATED');
    expect((await describeStep(client, stepId, JobFlowId)).Status?.State).toBe('CANCELLED');
    expect(await processesOf(stepId)).toBe('none');
    await expect(addSteps(client, [spark('late', 'wait.py')], JobFlowId)).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});
