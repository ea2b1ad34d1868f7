/** Commands and scripts of steps beside s3-dist-cp and spark-submit, on a real S3 server. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CancelStepsCommand, type EMRClient, type StepConfig } from '@aws-sdk/client-emr';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bucket, clusterId as sharedCluster } from '@user-behaviour/local-cloud/environment';
import { EmrCloud, addSteps, commandStep, endOf, fileHolds } from './cloud.ts';

let cloud: EmrCloud;
let client: EMRClient;

beforeAll(async () => {
  cloud = await EmrCloud.start();
  await cloud.startEndpoint();
  client = cloud.client();
});

afterAll(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
});

interface Outcome {
  readonly state: string | undefined;
  readonly reason: string;
  readonly stdout: string;
}

async function outcomeOf(id: string): Promise<Outcome> {
  const { Status } = await endOf(client, id);
  const { Reason = '', Message = '' } = Status?.FailureDetails ?? {};
  const stdout = await readFile(cloud.log(id, 'stdout'), 'utf8');
  return { state: Status?.State, reason: `${Reason}: ${Message}`, stdout };
}

async function run(...steps: StepConfig[]): Promise<Outcome[]> {
  const outcomes = [];
  for (const id of await addSteps(client, steps)) outcomes.push(await outcomeOf(id));
  return outcomes;
}
const command = (...args: string[]): StepConfig => commandStep(args.join(' ').slice(0, 99), args);
const completed = { state: 'COMPLETED', reason: ': ' };

it('lists, copies, moves and removes objects with aws s3', async () => {
  for (const key of ['a/1', 'a/deep/2', 'a2/3']) await cloud.put(`aws/${key}`, key);
  const at = (key: string): string => cloud.address(`aws/${key}`);
  const [ls, , , , , all] = await run(
    command('aws', 's3', 'ls', at('')),
    command('aws', 's3', 'cp', '--recursive', at('a'), at('copy/')),
    command('aws', 's3', 'cp', at('a/1'), at('copy/named')),
    command('aws', 's3', 'mv', at('a2/3'), at('copy/')),
    command('aws', 's3', 'rm', '--recursive', at('a')),
    command('aws', 's3', 'ls', '--recursive', at('')),
  );
  expect(ls?.stdout).toBe(`${'PRE'.padStart(30)} a/\n${'PRE'.padStart(30)} a2/\n`);
  expect(await cloud.keys('aws/')).toEqual([
    'aws/copy/1',
    'aws/copy/3',
    'aws/copy/deep/2',
    'aws/copy/named',
  ]);
  expect(all?.stdout).toMatch(/^[\d-]{10} [\d:]{8} {10}3 aws\/copy\/1\n/);
});

it('reads and writes S3 with hdfs dfs', async () => {
  await cloud.put('dfs/in/a.txt', 'a');
  const at = (key: string): string => cloud.address(`dfs/${key}`);
  const [, , cat, , missing] = await run(
    command('hdfs', 'dfs', '-cp', at('in/*.txt'), '/dfs-copy'),
    command('hadoop', 'fs', '-cp', '/dfs-copy', at('out/b.txt')),
    command('hadoop', 'fs', '-cat', at('out/b.txt')),
    command('hadoop', 'fs', '-rm', '-r', at('in')),
    command('hadoop', 'fs', '-ls', at('in')),
  );
  expect(cat).toEqual({ ...completed, stdout: 'a' });
  expect(await cloud.keys('dfs/')).toEqual(['dfs/out/b.txt']);
  expect(missing).toMatchObject({
    state: 'FAILED',
    reason: `hadoop failed: ls: \`${at('in')}': No such file or directory`,
  });
});

it('compresses into S3, and deletes what was copied', async () => {
  await cloud.put('pack/web-1.log', 'a');
  await cloud.put('pack/web-2.log', 'b');
  const options = ['--groupBy', '.*/(web).*', '--outputCodec', 'gz', '--deleteOnSuccess'];
  const paths = ['--src', cloud.address('pack'), '--dest', cloud.address('packed')];
  expect(await run(command('s3-dist-cp', ...paths, ...options))).toMatchObject([completed]);
  expect(await cloud.keys('pack')).toEqual(['packed/web.gz']);
  const { Body } = await cloud.s3.send(
    new GetObjectCommand({ Bucket: bucket, Key: 'packed/web.gz' }),
  );
  expect(gunzipSync((await Body?.transformToByteArray()) ?? '').toString()).toBe('ab');
});

it("runs bash in the step's own folder, without the caller's environment", async () => {
  process.env['SECRET_OF_THE_CALLER'] = 'secret';
  const script = `
set -euo pipefail
echo "caller: \${SECRET_OF_THE_CALLER:-nothing}, home: $(basename "$(dirname "$HOME")")/$(basename "$HOME")"
test "$PWD" = "$HOME"
aws s3 cp ${cloud.address('bash/in.txt')} in.txt
sort in.txt | tr a-z A-Z > "$TMPDIR/out.txt"
hdfs dfs -put tmp/out.txt /bash/out.txt
hadoop fs -cat /bash/out.txt
aws s3 sync "$TMPDIR" ${cloud.address('bash/out')} --quiet
if hdfs dfs -test -e /none; then exit 9; fi
s3-dist-cp --src /bash --dest ${cloud.address('bash/copied/')}
hdfs dfs -ls /none
`;
  await cloud.put('bash/in.txt', 'b\na\n');
  const [outcome] = await run(command('bash', '-c', script, 'name', 'argument'));
  delete process.env['SECRET_OF_THE_CALLER'];
  expect(outcome).toMatchObject({
    state: 'FAILED',
    reason: expect.stringMatching(/^bash ended with exit code 1: ls: `\/none'/) as string,
    stdout: expect.stringMatching(
      /^caller: nothing, home: s-\w+\/home\ncopy: .*\nA\nB\n/,
    ) as string,
  });
  expect(await cloud.get('bash/out/out.txt')).toBe('A\nB\n');
  expect(await cloud.get('bash/copied/out.txt')).toBe('A\nB\n');
});

const scriptRunner = (Jar: string, ...Args: string[]): StepConfig => ({
  Name: 'script',
  ActionOnFailure: 'CONTINUE',
  HadoopJarStep: { Jar, Args },
});
const RUNNER = 's3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar';

it('runs scripts of S3 with script-runner.jar', async () => {
  await cloud.put('scripts/a.sh', 'echo "bash $1"; exit 0');
  await cloud.put(
    'scripts/b',
    '#!/usr/bin/env python3\nimport sys\nprint("python", sys.argv[1])\n',
  );
  await cloud.put('scripts/fails.sh', 'echo "ERROR: no such day" >&2; exit 3');
  const at = (name: string): string => cloud.address(`scripts/${name}`);
  const outcomes = await run(
    scriptRunner(RUNNER, at('a.sh'), 'x y'),
    scriptRunner('s3://elasticmapreduce/libs/script-runner/script-runner.jar', at('b'), 'z'),
    scriptRunner(RUNNER, at('fails.sh')),
    scriptRunner(RUNNER, at('none.sh')),
    scriptRunner(RUNNER, '/etc/passwd'),
    scriptRunner('s3://bucket/other.jar'),
  );
  expect(outcomes.map(({ state, stdout }) => [state, stdout])).toEqual([
    ['COMPLETED', 'bash x y\n'],
    ['COMPLETED', 'python z\n'],
    ...Array.from({ length: 4 }, () => ['FAILED', '']),
  ]);
  expect(outcomes.slice(2).map(({ reason }) => reason)).toEqual([
    expect.stringContaining('ended with exit code 3: ERROR: no such day'),
    expect.stringContaining('none.sh cannot be fetched'),
    expect.stringContaining('the first of Args is the s3:// address of a script'),
    expect.stringContaining("runs command-runner.jar and script-runner.jar, not 's3://bucket"),
  ]);
});

it('ends a cancelled script with the programs it has started', async () => {
  const [id = ''] = await addSteps(client, [
    command('bash', '-c', 'sleep 3600 & echo "pid $!"; wait'),
  ]);
  const pid = Number(/pid (\d+)/.exec(await fileHolds(cloud.log(id, 'stdout'), '\n'))?.[1]);
  expect(process.kill(pid, 0)).toBe(true);
  await client.send(new CancelStepsCommand({ ClusterId: sharedCluster, StepIds: [id] }));
  expect((await endOf(client, id)).Status?.State).toBe('CANCELLED');
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

/** The steps of the article's script: words, without those that say nothing. */
const ML = `
import sys
from pyspark.ml.feature import StopWordsRemover, Tokenizer
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
reviews = spark.createDataFrame([(1, "This is a good film"), (2, "The worst")], ["cid", "review"])
tokens = Tokenizer(inputCol="review", outputCol="words").transform(reviews)
clean = StopWordsRemover(inputCol="words", outputCol="clean").transform(tokens)
clean.selectExpr("cid", "concat_ws(' ', clean)").coalesce(1).write.csv(sys.argv[1])
`;

it('runs pyspark.ml, also from a script', async () => {
  await cloud.put('scripts/ml.py', ML);
  const script = cloud.address('scripts/ml.py');
  const outcomes = await run(
    command('spark-submit', '--deploy-mode', 'cluster', script, '/ml/one'),
    command(
      'bash',
      '-c',
      `spark-submit --master local[1] ${script} hdfs:///ml/two && hdfs dfs -cat /ml/two/*.csv`,
    ),
    command('hdfs', 'dfs', '-cat', '/ml/one/*.csv'),
  );
  expect(outcomes).toMatchObject([completed, completed, completed]);
  expect(outcomes[1]?.stdout).toContain('1,good film\n2,worst\n');
  expect(outcomes[2]?.stdout).toBe('1,good film\n2,worst\n');
}, 600_000);

it('keeps the names of its folders from the file system of this machine', async () => {
  const [outcome] = await run(command('hadoop', 'fs', '-get', '/bash/out.txt', '/tmp/taken'));
  expect(outcome?.reason).toContain("'/tmp/taken' is not in the step's own folder");
  await expect(readFile(join('/tmp', 'taken'))).rejects.toThrow('ENOENT');
});
