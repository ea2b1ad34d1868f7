/** Runs the command of a step: with command-runner.jar or script-runner.jar (EMRRG/emr-commandrunner). */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PossibleS3 } from '@user-behaviour/local-cloud/s3/s3-client';
import { ClassArchive } from '../spark/class-archive.ts';
import type { ClusterRecord, StepOutcome, StepRecord } from '../clusters/cluster.ts';
import { fileCommands } from '../commands/file-command.ts';
import { bashStep, isScriptRunner, scriptRunnerStep } from '../commands/script-step.ts';
import type { Storage } from '../dist-cp/copy-source.ts';
import { SparkCache } from '../spark/spark-cache.ts';
import type { SparkInstallation, SparkSettings } from '../spark/spark-environment.ts';
import { prepareSpark } from '../spark/spark-home.ts';
import { sparkSubmit } from '../spark/spark-submit.ts';
import { StepLog } from './step-log.ts';
import type { RunStep, StepControl } from './step-runner.ts';

interface CommandOptions {
  readonly stateDir: string;
  /** The folder of Spark's cache. */
  readonly cache: string;
  readonly eventLogDir: string;
  readonly storage: Storage;
  readonly s3: PossibleS3;
  readonly spark: SparkSettings;
}

const COMMANDS = [...Object.keys(fileCommands), 'spark-submit', 'bash'].join(', ');

/** Returns the function that runs steps. Log files are in `{stateDir}/logs/{cluster}/{step}`. */
export function stepCommands(options: CommandOptions): RunStep {
  const { storage } = options;
  const cache = new SparkCache(options.cache);
  const archive = new ClassArchive(cache);
  let found: Promise<SparkInstallation> | undefined;
  return async (cluster: ClusterRecord, step: StepRecord, control: StepControl) => {
    const log = new StepLog(join(options.stateDir, 'logs'), cluster.id, step.id);
    const workDir = join(workDirOf(options.stateDir), step.id);
    log.control(`step ${step.id} begins: ${step.jar} ${step.args.join(' ')}`);
    try {
      const outcome = await dispatch(step, workDir, log, control);
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
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  };

  async function dispatch(
    step: StepRecord,
    workDir: string,
    log: StepLog,
    control: StepControl,
  ): Promise<StepOutcome> {
    const [command, ...args] = step.args;
    const { s3, spark, cache: cacheFolder, eventLogDir } = options;
    const home = join(workDir, 'home');
    const { hdfsDir } = storage;
    const file = { s3, spark, cache: cacheFolder, hdfsDir, eventLogDir, home, workDir };
    if (isScriptRunner(step.jar)) return scriptRunnerStep(step.args, file, storage, log, control);
    if (step.jar !== 'command-runner.jar') {
      throw new Error(
        `the local cloud runs command-runner.jar and script-runner.jar, not '${step.jar}'`,
      );
    }
    if (command === 'spark-submit') {
      const installed = await (found ??= prepareSpark(spark, cache).catch((error: unknown) => {
        found = undefined;
        throw error;
      }));
      const context = { storage, archive, spark: installed, workDir, eventLogDir };
      return sparkSubmit(args, context, log, control);
    }
    if (command === 'bash') return bashStep(args, file, log, control);
    if (command === undefined) {
      throw new Error(`the step has no Args; give one of ${COMMANDS} and its arguments`);
    }
    if (!Object.hasOwn(fileCommands, command)) {
      throw new Error(`the local cloud runs ${COMMANDS}, not '${command}'`);
    }
    const { signal } = control;
    const write = (chunk: string | Uint8Array): void => {
      log.write(chunk);
    };
    await fileCommands[command]?.(args, { storage, home, cwd: home, signal, write });
    return { ok: true };
  }
}

/** Removes the work folders of steps whose endpoint has died. Call before any step starts. */
export const clearWork = (stateDir: string): Promise<void> =>
  rm(workDirOf(stateDir), { recursive: true, force: true });

const workDirOf = (stateDir: string): string => join(stateDir, 'work');
