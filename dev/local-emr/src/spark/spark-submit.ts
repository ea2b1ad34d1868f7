/** Runs a spark-submit step: fetches its files, starts it in a process group of its own, and tells how it ended. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { identify } from '@user-behaviour/local-cloud/process-identity';
import type { ClassArchive } from './class-archive.ts';
import type { StepOutcome } from '../clusters/cluster.ts';
import type { Storage } from '../dist-cp/copy-source.ts';
import { causeOf } from '../steps/failure-cause.ts';
import { inputBytes } from './input-size.ts';
import { hdfsFile, parseLocation } from '../dist-cp/location.ts';
import { endGroup } from '../steps/process-group.ts';
import { localSparkSubmit, parseSparkSubmit } from './spark-arguments.ts';
import { sparkConf, sparkEnvironment, type SparkInstallation } from './spark-environment.ts';
import type { StepLog } from '../steps/step-log.ts';
import type { StepControl } from '../steps/step-runner.ts';

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 5000;

interface SparkContext {
  readonly storage: Storage;
  readonly archive: ClassArchive;
  readonly spark: SparkInstallation;
  /** A folder for this step alone; removed when it is over. */
  readonly workDir: string;
}

/** Rejects when the command line is wrong or a file cannot be fetched; a failed program is an outcome. */
export async function sparkSubmit(
  args: readonly string[],
  context: SparkContext,
  log: StepLog,
  control: StepControl,
): Promise<StepOutcome> {
  const { workDir, storage, spark } = context;
  const parsed = parseSparkSubmit(args);
  await mkdir(workDir, { recursive: true });
  try {
    const command = await localSparkSubmit(parsed, sparkConf(storage.hdfsDir, workDir), (address) =>
      locate(address, context, control.signal),
    );
    control.signal.throwIfAborted();
    const sharing = await context.archive.forRun(
      spark,
      await inputBytes(parsed.scriptArguments, storage.hdfsDir),
    );
    log.control(`spark-submit ${command.join(' ')}`);
    log.control(`options of the JVM: ${sharing.javaOptions.join(' ')}`);
    const environment = sparkEnvironment(spark, sharing.javaOptions);
    let ended: Ended | undefined;
    try {
      ended = await run(
        join(spark.home, 'bin', 'spark-submit'),
        command,
        workDir,
        environment,
        log,
        control,
      );
    } finally {
      await sharing.end({ succeeded: ended?.code === 0, crashed: isCrash(ended) });
    }
    return outcome(ended, log);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  log: StepLog,
  control: StepControl,
): Promise<Ended> {
  await using out = await open(log.stdout, 'a');
  await using err = await open(log.stderr, 'a');
  // Files, not pipes: the output is kept whatever becomes of this process.
  const child = spawn(program, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', out.fd, err.fd],
  });
  const exit = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) {
    await exit;
    throw new Error(`${program} did not start`);
  }
  const leader = identify(pid);
  if (leader !== undefined) control.onProcess(leader);
  let ending: Promise<void> | undefined;
  const end = (): void => {
    ending ??= endGroup(pid, control.killAtOnce() ? 0 : GRACE_MS);
  };
  control.signal.addEventListener('abort', end);
  if (control.signal.aborted) end();
  try {
    const [code, signal] = (await exit) as [number | null, string | null];
    return { code, signal };
  } finally {
    control.signal.removeEventListener('abort', end);
    await ending;
    // Workers that outlive the program would go on writing for a step that is over.
    await endGroup(pid, 0);
  }
}

/** By a signal that no one sends: the JVM met a fault of its own. Bash tells it as 128 and more. */
const isCrash = (ended: Ended | undefined): boolean =>
  ['SIGABRT', 'SIGBUS', 'SIGSEGV'].includes(ended?.signal ?? '') ||
  [134, 135, 139].includes(ended?.code ?? 0);

function outcome({ code, signal }: Ended, log: StepLog): StepOutcome {
  log.control(`spark-submit ended with ${signal ?? `exit code ${code ?? ''}`}`);
  if (code === 0) return { ok: true };
  const { stdout, stderr } = log.tails();
  const cause = causeOf(stdout, stderr);
  return {
    ok: false,
    reason: `spark-submit ended with ${signal ?? `exit code ${code ?? ''}`}`,
    message: cause?.message ?? 'Neither stdout nor stderr says why.',
    logFile: cause === undefined ? log.controller : log[cause.output],
  };
}

/** An object of S3 is fetched; a path of HDFS is found in its directory; a plain path is one of this machine, as for client mode. */
async function locate(
  address: string,
  { storage, workDir }: SparkContext,
  signal: AbortSignal,
): Promise<string> {
  if (!/^(?:s3[an]?|hdfs):/.test(address)) return address.replace(/^file:\/*/, '/');
  const location = parseLocation(address);
  if (location.kind === 'hdfs') return hdfsFile(storage.hdfsDir, location.path);
  const { bucket, key } = location;
  // A folder for each address: two files of one name must not meet.
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
