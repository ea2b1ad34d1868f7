/** Plans the three steps of one Spark application. Arguments are a list, so no shell interprets them. */
import { createHash } from 'node:crypto';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { fileNames, s3Uri } from '@user-behaviour/shared/keys';
import { runFolder } from './hdfs-folders.ts';
import { stepPrefix } from './step-names.ts';

export interface ApplicationDay {
  readonly ds: Ds;
  /** The stage-reviews run whose file is cleaned. */
  readonly loadRun: string;
  /** Days with the same value have identical files. */
  readonly content: string;
}

export interface Application {
  readonly bucket: string;
  readonly run: string;
  /** In ascending order. */
  readonly days: readonly ApplicationDay[];
  /** Key of the Spark script. */
  readonly script: string;
  readonly maxRejected: number;
}

export interface Step {
  readonly kind: 'copy' | 'clean' | 'remove';
  readonly name: string;
  readonly args: readonly string[];
}

export type Steps = Readonly<Record<'copyIn' | 'clean' | 'copyOut', Step>>;

/**
 * "The string values passed into HadoopJarStep object cannot exceed a total of 10240 characters"
 * (API model, AddJobFlowSteps).
 */
const argumentLimit = 10_240;
export const stepJar = 'command-runner.jar';

/**
 * A folder on HDFS for exactly this input. A retry of the run with other days or another upstream
 * finds no files of the earlier attempt in it.
 */
export function inputFolder({ run, days, script, maxRejected }: Application): string {
  const input = JSON.stringify([days.map(({ ds, loadRun }) => [ds, loadRun]), script, maxRejected]);
  const fingerprint = createHash('sha256').update(input).digest('hex').slice(0, 12);
  return `${runFolder(days[0]?.ds ?? '', run)}/${fingerprint}`;
}

/**
 * 1 copies the reviews to HDFS, 2 cleans them there, 3 copies the results to the bucket. `root` is
 * the folder on HDFS. Of days with identical files, only the first day's file is copied and cleaned.
 */
export function applicationSteps(application: Application, root = inputFolder(application)): Steps {
  const steps = plannedSteps(application, root);
  for (const step of Object.values(steps)) {
    const length = argumentLength(step);
    if (length <= argumentLimit) continue;
    throw new Failure(
      'bug',
      `step ${step.name} has ${String(length)} characters of arguments; EMR accepts at most ${String(argumentLimit)}`,
    );
  }
  return steps;
}

/** Whether EMR would accept the steps. Fewer days make them shorter. */
export const fitsOneApplication = (application: Application): boolean =>
  Object.values(plannedSteps(application, inputFolder(application))).every(
    (step) => argumentLength(step) <= argumentLimit,
  );

function plannedSteps(application: Application, root: string): Steps {
  const { bucket, run, days, script, maxRejected } = application;
  const prefix = stepPrefix(
    days.map(({ ds }) => ds),
    run,
  );
  const groups = [...Map.groupBy(days, ({ content }) => content).values()];
  const distinct = groups.flatMap(([first]) => first ?? []);
  // For a single file, list the day's folder instead of the whole history.
  const subfolder = distinct.length === 1 ? `${distinct[0]?.ds ?? ''}/` : '';
  const file = fileNames.reviews.replaceAll('.', '\\.');
  return {
    copyIn: step('copy', `${prefix}1-copy-in`, [
      's3-dist-cp',
      `--src=${s3Uri(bucket, `movie_review/load/${subfolder}`)}`,
      `--dest=${root}/load/${subfolder}`,
      `--srcPattern=.*/(${runsPattern(distinct)})/${file}`,
    ]),
    clean: step('clean', `${prefix}2-clean`, [
      'spark-submit',
      // In client mode the script's output becomes the step's output.
      '--deploy-mode',
      'client',
      s3Uri(bucket, script),
      '--input',
      `${root}/load`,
      '--output',
      `${root}/out`,
      '--run',
      run,
      '--days',
      groups.map((group) => group.map(({ ds }) => ds).join('+')).join(','),
      '--max-rejected',
      String(maxRejected),
    ]),
    copyOut: step('copy', `${prefix}3-copy-out`, [
      's3-dist-cp',
      `--src=${root}/out/`,
      `--dest=${s3Uri(bucket, 'movie_review/')}`,
    ]),
  };
}

/** `2010-12-01/run-1`, or shorter for days of one run: `(2010-12-01|2010-12-02)/run-1`. */
function runsPattern(days: readonly ApplicationDay[]): string {
  const byRun = Map.groupBy(days, ({ loadRun }) => loadRun);
  return [...byRun]
    .map(([run, days]) => {
      const names = days.map(({ ds }) => ds).join('|');
      return `${days.length === 1 ? names : `(${names})`}/${run}`;
    })
    .join('|');
}

const step = (kind: Step['kind'], name: string, args: readonly string[]): Step => ({
  kind,
  name,
  args,
});

const argumentLength = ({ args }: Step): number =>
  args.reduce((sum, argument) => sum + argument.length, stepJar.length);
