/** Runs a spark-submit step: fetches its files, runs it in a new process group, and returns the outcome. */
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
import { findCause } from '../steps/failure-cause.ts';
import { inputBytes } from './input-size.ts';
import { hdfsFile, parseLocation } from '../dist-cp/location.ts';
import { endProcessGroup } from '../steps/process-group.ts';
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
  /** A folder for this step; removed at its end. */
  readonly workDir: string;
}

/** Rejects if the command line is wrong or a file cannot be fetched. A failed program is an outcome, not an error. */
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
  // Files, not pipes: the output survives this process.
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
    ending ??= endProcessGroup(pid, control.killAtOnce() ? 0 : GRACE_MS);
  };
  control.signal.addEventListener('abort', end);
  if (control.signal.aborted) end();
  try {
    const [code, signal] = (await exit) as [number | null, string | null];
    return { code, signal };
  } finally {
    control.signal.removeEventListener('abort', end);
    await ending;
    // Otherwise workers that outlive the program would continue to write.
    await endProcessGroup(pid, 0);
  }
}

/** Ended by a signal of the JVM's own fault. Bash reports it as 128 plus the signal's number. */
const isCrash = (ended: Ended | undefined): boolean =>
  ['SIGABRT', 'SIGBUS', 'SIGSEGV'].includes(ended?.signal ?? '') ||
  [134, 135, 139].includes(ended?.code ?? 0);

function outcome({ code, signal }: Ended, log: StepLog): StepOutcome {
  log.control(`spark-submit ended with ${signal ?? `exit code ${code ?? ''}`}`);
  if (code === 0) return { ok: true };
  const { stdout, stderr } = log.tails();
  const cause = findCause(stdout, stderr);
  return {
    ok: false,
    reason: `spark-submit ended with ${signal ?? `exit code ${code ?? ''}`}`,
    message: cause?.message ?? 'stdout and stderr contain no reason.',
    logFile: cause === undefined ? log.controller : log[cause.output],
  };
}

/** The file's path on this machine. Fetches S3 objects; a plain path is in HDFS. @throws for a file of this machine. */
async function locate(
  address: string,
  { storage, workDir }: SparkContext,
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
