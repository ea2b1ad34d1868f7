/** Steps that would leave the folders of the local cloud: each of them fails, and says why. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { addSteps, commandStep, EmrCloud, endOf } from './cloud.ts';

const cloud = await EmrCloud.start();
await cloud.startEndpoint();
const client = cloud.client();
afterAll(async () => {
  client.destroy();
  await cloud[Symbol.asyncDispose]();
});

const script = await cloud.put('scripts/job.py', 'print(1)');
const target = join(cloud.directory, 'beside-hdfs');
writeFileSync(target, 'not of HDFS');

it.each([
  [['s3-dist-cp', '--src', cloud.address('scripts'), '--dest', 'hdfs:///../x'], 'leads out'],
  [['s3-dist-cp', '--src=hdfs:///a/../../x', '--dest', cloud.address('out/')], 'leads out'],
  [['hdfs', 'dfs', '-rm', '-r', '/a/../../beside-hdfs'], 'leads out'],
  [['spark-submit', 'hdfs:///../beside-hdfs.py'], 'leads out'],
  [['spark-submit', script, '--input', 'hdfs:///../beside-hdfs'], 'leads out'],
  [['spark-submit', 'file:///tmp/job.py'], 'is not an address'],
  [['spark-submit', '--py-files', 'file:///tmp/a.py', script], 'is not an address'],
  [['spark-submit', '--files=file:///etc/passwd', script], 'is not an address'],
  [['spark-submit', '--jars', 'file:/tmp/a.jar', script], 'is not an address'],
  [['spark-submit', '--packages', 'a:b:1', script], 'refuses --packages'],
  [['spark-submit', '--conf', 'spark.driver.extraJavaOptions=-Dx', script], 'refuses --conf'],
])('%j', async (args, message) => {
  const [id = ''] = await addSteps(client, [commandStep('leaves', args)]);
  const { Status } = await endOf(client, id);
  expect(Status?.State).toBe('FAILED');
  expect(Status?.FailureDetails?.Message).toContain(message);
  expect(existsSync(target)).toBe(true);
});
