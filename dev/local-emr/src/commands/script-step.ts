/** `bash` with command-runner.jar, and script-runner.jar with a script in S3 (EMRRG/emr-commandrunner). */
import { chmod, open } from 'node:fs/promises';
import type { StepOutcome } from '../clusters/cluster.ts';
import type { Storage } from '../dist-cp/copy-source.ts';
import { locate } from '../spark/spark-submit.ts';
import type { StepLog } from '../steps/step-log.ts';
import { outcomeOf, runProcess } from '../steps/step-process.ts';
import type { StepControl } from '../steps/step-runner.ts';
import { scriptFolder, type StepFile } from './script-folder.ts';

/** In us-east-1, the bucket also has a name without the Region. */
const SCRIPT_RUNNER =
  /^s3:\/\/(?:[a-z0-9-]+\.)?elasticmapreduce\/libs\/script-runner\/script-runner\.jar$/;

export const isScriptRunner = (jar: string): boolean => SCRIPT_RUNNER.test(jar);

/** Runs `bash` with these arguments. */
export async function bashStep(
  args: readonly string[],
  step: StepFile,
  log: StepLog,
  control: StepControl,
): Promise<StepOutcome> {
  const env = await scriptFolder(step);
  return outcomeOf(
    'bash',
    await runProcess({ file: 'bash', args, cwd: step.home, env }, log, control),
    log,
  );
}

/** Fetches the script, and runs it with the program of its first line, or with bash. */
export async function scriptRunnerStep(
  [script, ...args]: readonly string[],
  step: StepFile,
  storage: Storage,
  log: StepLog,
  control: StepControl,
): Promise<StepOutcome> {
  if (script === undefined || !/^s3[an]?:/.test(script)) {
    throw new Error(
      `script-runner.jar: the first of Args is the s3:// address of a script, not '${script ?? ''}'`,
    );
  }
  const env = await scriptFolder(step);
  const file = await locate(script, { storage, workDir: step.workDir }, control.signal);
  await chmod(file, 0o700);
  const program = (await hasInterpreter(file))
    ? { file, args }
    : { file: 'bash', args: [file, ...args] };
  return outcomeOf(
    script,
    await runProcess({ ...program, cwd: step.home, env }, log, control),
    log,
  );
}

async function hasInterpreter(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { buffer } = await handle.read({ buffer: Buffer.alloc(2), length: 2 });
  return buffer.toString() === '#!';
}
