/** Runs a spark-submit step: fetches its files, runs it in a new process group, and returns the outcome. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { ClassArchive } from './class-archive.ts';
import type { StepOutcome } from '../clusters/cluster.ts';
import type { Storage } from '../dist-cp/copy-source.ts';
import { prepareEventLogs } from './event-logs.ts';
import { inputBytes } from './input-size.ts';
import { hdfsFile, parseLocation } from '../dist-cp/location.ts';
import { outcomeOf, runProcess, type Ended } from '../steps/step-process.ts';
import { usesNumpy, withoutNumpy } from './numpy-use.ts';
import { localSparkSubmit, parseSparkSubmit } from './spark-arguments.ts';
import { fileSystemOf } from './spark-home.ts';
import { sparkConf, sparkEnvironment, type SparkInstallation } from './spark-environment.ts';
import type { StepLog } from '../steps/step-log.ts';
import type { StepControl } from '../steps/step-runner.ts';

interface SparkContext {
  readonly storage: Storage;
  readonly archive: ClassArchive;
  readonly spark: SparkInstallation;
  /** A folder for this step; removed at its end. */
  readonly workDir: string;
  readonly eventLogDir: string;
}

/** Rejects if the command line is wrong or a file cannot be fetched. A failed program is an outcome, not an error. */
export async function sparkSubmit(
  args: readonly string[],
  context: SparkContext,
  log: StepLog,
  control: StepControl,
): Promise<StepOutcome> {
  const { workDir, storage, spark, eventLogDir } = context;
  const parsed = parseSparkSubmit(args);
  await mkdir(workDir, { recursive: true });
  await prepareEventLogs(eventLogDir);
  try {
    const files: string[] = [];
    const command = await localSparkSubmit(
      parsed,
      sparkConf({ hdfsDir: storage.hdfsDir, workDir, eventLogDir }, fileSystemOf(spark.home)),
      async (address) => {
        const file = await locate(address, context, control.signal);
        files.push(file);
        return file;
      },
    );
    control.signal.throwIfAborted();
    const sharing = await context.archive.forRun(
      spark,
      await inputBytes(parsed.scriptArguments, storage.hdfsDir),
    );
    log.control(`spark-submit ${command.join(' ')}`);
    log.control(`options of the JVM: ${sharing.javaOptions.join(' ')}`);
    const environment = {
      ...sparkEnvironment(spark, sharing.javaOptions),
      ...((await usesNumpy(files)) ? {} : { PYTHONPATH: withoutNumpy }),
    };
    let ended: Ended | undefined;
    try {
      const file = join(spark.home, 'bin', 'spark-submit');
      ended = await runProcess(
        { file, args: command, cwd: workDir, env: environment },
        log,
        control,
      );
    } finally {
      await sharing.end({ succeeded: ended?.code === 0, crashed: isCrash(ended) });
    }
    return outcomeOf('spark-submit', ended, log);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Ended by a signal of the JVM's own fault. Bash reports it as 128 plus the signal's number. */
const isCrash = (ended: Ended | undefined): boolean =>
  ['SIGABRT', 'SIGBUS', 'SIGSEGV'].includes(ended?.signal ?? '') ||
  [134, 135, 139].includes(ended?.code ?? 0);

/** The file's path on this machine. Fetches S3 objects; a plain path is in HDFS. @throws for a file of this machine. */
export async function locate(
  address: string,
  { storage, workDir }: Pick<SparkContext, 'storage' | 'workDir'>,
  signal: AbortSignal,
): Promise<string> {
  const location = parseLocation(address);
  if (location.kind === 'hdfs') return hdfsFile(storage.hdfsDir, location.path);
  const { bucket, key } = location;
  // One folder for each address, because two files may have the same name.
  const folder = join(workDir, 'fetched', createHash('sha256').update(address).digest('hex'));
  await mkdir(folder, { recursive: true });
  const file = join(folder, posix.basename(key));
  const reply = await storage.s3
    .send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal })
    .catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`spark-submit: ${address} cannot be fetched: ${why}`, { cause: error });
    });
  await pipeline(reply.Body as Readable, createWriteStream(file), { signal });
  return file;
}
