/** How Spark starts: what was prepared for it, and what it does without. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EMRClient } from '@aws-sdk/client-emr';
import { expect, it } from 'vitest';
import { clusterId } from '@user-behaviour/local-cloud/environment';
import { startEmr } from '../src/server.ts';
import { EmrCloud, addSteps, commandStep, endOf } from './cloud.ts';

const SCRIPT = `
import os, sys
import py4j, pyspark
from pyspark.sql import SparkSession
# Not by its whole name, which would bring it along.
print("numeric:", "num" + "py" in sys.modules)
print(*(type(module.__spec__.loader).__name__ for module in (py4j, pyspark)))
spark = SparkSession.builder.appName("start").getOrCreate()
print("authenticated:", spark.sparkContext.getConf().get("spark.authenticate"))
uri = spark._jvm.java.net.URI("file:///")
files = spark._jvm.org.apache.hadoop.fs.FileSystem.get(uri, spark._jsc.hadoopConfiguration())
print("files:", files.getClass().getName())
spark.range(10).groupBy("id").count().collect()
# The class archives that the JVM, which started this script, really uses.
with open(f"/proc/{os.getppid()}/maps") as maps:
    used = {line.rstrip().split(None, 5)[-1] for line in maps if line.rstrip().endswith(".jsa")}
    print("archives:", "|".join(sorted(used)))
spark.stop()
`;

it('Spark starts quickly on another cloud: with the class archive of an earlier run, unsigned jars and compiled modules', async () => {
  await using cloud = await EmrCloud.start();
  await cloud.startEndpoint();
  await cloud.put('scripts/start.py', SCRIPT);
  const args = ['spark-submit', '--deploy-mode', 'cluster', cloud.address('scripts/start.py')];
  const run = async (client: EMRClient) => {
    const [id = ''] = await addSteps(client, [commandStep('start', args)]);
    expect((await endOf(client, id)).Status?.State).toBe('COMPLETED');
    return id;
  };
  const client = cloud.client();
  await run(client);
  client.destroy();

  const directory = join(cloud.directory, 'other');
  const options = {
    ...cloud.options,
    stateDir: join(directory, 'emr'),
    hdfsDir: join(directory, 'hdfs'),
    runDir: join(directory, 'run'),
  };
  await using stack = new AsyncDisposableStack();
  const other = await startEmr(options);
  stack.defer(other.close);
  const otherClient = cloud.client(other.url);
  await run(otherClient);
  const id = await run(otherClient);
  const stdout = await readFile(join(options.stateDir, 'logs', clusterId, id, 'stdout'), 'utf8');
  expect(stdout).toContain('numeric: False');
  // Other users can reach the ports of the driver.
  expect(stdout).toContain('authenticated: true');
  // Hadoop's own starts a program for each file that it creates.
  expect(stdout).toContain('files: localemr.LocalFiles');
  // Not zipimporter, which compiles them each time.
  expect(stdout).toContain('SourceFileLoader SourceFileLoader');
  const archives = /^archives: (.*)$/m.exec(stdout)?.[1] ?? '';
  const cache = join(options.cacheDir, 'spark');
  expect(archives.split('|')).toContainEqual(
    expect.stringMatching(new RegExp(`^${cache}/[0-9a-f]{16}-\\d{8,}\\.jsa$`)),
  );
  // The JVM archives no class of a signed jar.
  const jars = join(cache, 'spark-*/jars/*.jar');
  const signed =
    'import glob, sys, zipfile; print([j for j in glob.glob(sys.argv[1]) if any(n.endswith(".SF") for n in zipfile.ZipFile(j).namelist())])';
  const found = await promisify(execFile)('python3', ['-c', signed, jars]);
  expect(found.stdout.trim()).toBe('[]');
}, 600_000);
