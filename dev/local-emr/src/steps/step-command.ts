/** Runs a step's command: s3-dist-cp, spark-submit or hdfs with `command-runner.jar` (EMRRG/emr-commandrunner). */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassArchive } from '../spark/class-archive.ts';
import type { ClusterRecord, StepOutcome, StepRecord } from '../clusters/cluster.ts';
import type { Storage } from '../dist-cp/copy-source.ts';
import { distCp } from '../dist-cp/dist-cp.ts';
import { parseDistCp } from '../dist-cp/dist-cp-arguments.ts';
import type { SparkCache } from '../spark/spark-cache.ts';
import {
  findSpark,
  type SparkInstallation,
  type SparkSettings,
} from '../spark/spark-environment.ts';
import { linkSparkHome } from '../spark/spark-home.ts';
import { sparkSubmit } from '../spark/spark-submit.ts';
import { hdfsRemove } from './hdfs-remove.ts';
import { StepLog } from './step-log.ts';
import type { RunStep, StepControl } from './step-runner.ts';

interface CommandOptions {
  readonly stateDir: string;
  readonly cache: SparkCache;
  readonly storage: Storage;
  readonly spark: SparkSettings;
}

/** Returns the function that runs steps. Log files are in `{stateDir}/logs/{cluster}/{step}`. */
export function stepCommands(options: CommandOptions): RunStep {
  const archive = new ClassArchive(options.cache);
  let found: Promise<SparkInstallation> | undefined;
  return async (cluster: ClusterRecord, step: StepRecord, control: StepControl) => {
    const log = new StepLog(join(options.stateDir, 'logs'), cluster.id, step.id);
    log.control(`step ${step.id} begins: ${step.jar} ${step.args.join(' ')}`);
    try {
      const outcome = await dispatch(step, log);
      log.control(outcome.ok ? 'completed' : 'not completed');
      return outcome;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.err(message);
      log.control('not completed');
      return {
        ok: false,
        reason: `${step.args[0] ?? step.jar} failed`,
        message,
        logFile: log.stderr,
      };
    }

    async function dispatch(step: StepRecord, log: StepLog): Promise<StepOutcome> {
      const [command, ...args] = step.args;
      if (step.jar !== 'command-runner.jar') {
        throw new Error(`the local cloud runs command-runner.jar, not '${step.jar}'`);
      }
      switch (command) {
        case 's3-dist-cp': {
          const copied = await distCp(
            parseDistCp(args),
            options.storage,
            control.signal,
            (line) => {
              log.out(line);
            },
          );
          log.control(`copied ${copied.files} files, ${copied.bytes} bytes`);
          return { ok: true };
        }
        case 'hdfs':
          await hdfsRemove(args, options.storage.hdfsDir);
          return { ok: true };
        case 'spark-submit': {
          const spark = await (found ??= prepareSpark(options).catch((error: unknown) => {
            found = undefined;
            throw error;
          }));
          const workDir = join(workDirOf(options.stateDir), step.id);
          const context = { storage: options.storage, archive, spark, workDir };
          return sparkSubmit(args, context, log, control);
        }
        case undefined:
          throw new Error(
            'the step has no Args; give s3-dist-cp, spark-submit or hdfs and its arguments',
          );
        default:
          throw new Error(
            `the local cloud runs s3-dist-cp, spark-submit and hdfs, not '${command}'`,
          );
      }
    }
  };
}

async function prepareSpark({ spark, cache }: CommandOptions): Promise<SparkInstallation> {
  const installed = await findSpark(spark);
  // The linked home relies on the Python modules that pip has installed; a distribution brings its own.
  if (spark.sparkHome !== undefined) return installed;
  return { ...installed, home: await linkSparkHome(installed, cache) };
}

/** Removes the work folders of steps whose endpoint has died. Call before any step starts. */
export const clearWork = (stateDir: string): Promise<void> =>
  rm(workDirOf(stateDir), { recursive: true, force: true });

const workDirOf = (stateDir: string): string => join(stateDir, 'work');
