/**
 * `hadoop`, `hdfs`, `aws`, `s3-dist-cp` and `spark-submit` for the script of a step: argv is the command. The file
 * that LOCAL_EMR_STEP names says where the step's storage is.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openS3 } from '@user-behaviour/local-cloud/s3/s3-client';
import { prepareEventLogs } from '../spark/event-logs.ts';
import { localSparkSubmit, parseSparkSubmit } from '../spark/spark-arguments.ts';
import { SparkCache } from '../spark/spark-cache.ts';
import { sparkConf, sparkEnvironment } from '../spark/spark-environment.ts';
import { fileSystemOf, prepareSpark } from '../spark/spark-home.ts';
import { locate } from '../spark/spark-submit.ts';
import { fileCommands } from './file-command.ts';
import { CommandFailure } from './places.ts';
import { stepFile, type StepFile } from './script-folder.ts';

const { signal } = new AbortController();

async function run(step: StepFile, name: string, args: readonly string[]): Promise<number> {
  const s3 = openS3(step.s3);
  const storage = { s3, hdfsDir: step.hdfsDir };
  const command = fileCommands[name];
  try {
    if (command === undefined) return await submit(step, { storage, workDir: step.workDir }, args);
    const write = (chunk: string | Uint8Array): void => void process.stdout.write(chunk);
    await command(args, { storage, home: step.home, cwd: process.cwd(), signal, write });
    return 0;
  } finally {
    s3.destroy();
  }
}

async function submit(
  step: StepFile,
  place: Parameters<typeof locate>[1],
  args: readonly string[],
): Promise<number> {
  const parsed = parseSparkSubmit(args);
  const spark = await prepareSpark(step.spark, new SparkCache(step.cache));
  await prepareEventLogs(step.eventLogDir);
  const command = await localSparkSubmit(
    parsed,
    sparkConf(step, fileSystemOf(spark.home)),
    (address) => locate(address, place, signal),
  );
  // In the process group of the step, so that it ends with it.
  const child = spawn(join(spark.home, 'bin', 'spark-submit'), command, {
    env: sparkEnvironment(spark, []),
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

// A reader like `head` ends early.
process.stdout.on('error', () => process.exit(141));
const [name = '', ...args] = process.argv.slice(2);
try {
  const step = JSON.parse(readFileSync(process.env[stepFile] ?? '', 'utf8')) as StepFile;
  process.exitCode = await run(step, name, args);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  if (message !== '') process.stderr.write(`${message}\n`);
  process.exitCode = error instanceof CommandFailure ? error.exitCode : 1;
}
