/** The three steps of one Spark application; pure. Arguments go as a list, no shell reads them. */
import { createHash } from 'node:crypto';
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { fileNames, s3Uri } from '@user-behaviour/shared/keys';
import { stepPrefix } from './step-names.ts';

export interface ApplicationDay {
  readonly ds: Ds;
  /** The run of stage-reviews whose file is read. */
  readonly loadRun: string;
  /** What tells whether two days' files are equal. */
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
  /** What the step does, to EMR and to us. */
  readonly kind: 'copy' | 'clean';
  readonly name: string;
  readonly args: readonly string[];
}

export type Steps = Readonly<Record<'copyIn' | 'clean' | 'copyOut', Step>>;

/** "The string values passed into HadoopJarStep object cannot exceed a total of 10240 characters" (API model, AddJobFlowSteps). */
const charactersLimit = 10_240;
export const stepJar = 'command-runner.jar';

/**
 * A folder for just this input: a retry of the run with other days or another upstream finds none
 * of the files that the earlier attempt left on the cluster.
 */
function inputFolder({ run, days, script, maxRejected }: Application): string {
  const input = JSON.stringify([days.map(({ ds, loadRun }) => [ds, loadRun]), script, maxRejected]);
  const fingerprint = createHash('sha256').update(input).digest('hex').slice(0, 12);
  return `hdfs:///movie_review/${days[0]?.ds ?? ''}/${run}/${fingerprint}`;
}

/**
 * 1 copies the days' reviews to the cluster, 2 cleans them there, 3 copies the result back to the
 * bucket; `root` is where on HDFS. Of days whose files are equal, the first's is copied and cleaned.
 */
export function applicationSteps(application: Application, root = inputFolder(application)): Steps {
  const steps = plannedSteps(application, root);
  for (const step of Object.values(steps)) {
    const found = characters(step);
    if (found <= charactersLimit) continue;
    throw new Failure(
      'bug',
      `step ${step.name} has ${String(found)} characters of arguments, EMR takes ${String(charactersLimit)}`,
    );
  }
  return steps;
}

/** Whether EMR would take the steps; fewer days make them shorter. */
export const fitsOneApplication = (application: Application): boolean =>
  Object.values(plannedSteps(application, inputFolder(application))).every(
    (step) => characters(step) <= charactersLimit,
  );

function plannedSteps(application: Application, root: string): Steps {
  const { bucket, run, days, script, maxRejected } = application;
  const prefix = stepPrefix(
    days.map(({ ds }) => ds),
    run,
  );
  const groups = [...Map.groupBy(days, ({ content }) => content).values()];
  const read = groups.flatMap(([first]) => first ?? []);
  // The files of one day are looked for in its folder, not in that of the whole history.
  const below = read.length === 1 ? `${read[0]?.ds ?? ''}/` : '';
  const file = fileNames.reviews.replaceAll('.', '\\.');
  return {
    copyIn: step('copy', `${prefix}1-copy-in`, [
      's3-dist-cp',
      `--src=${s3Uri(bucket, `movie_review/load/${below}`)}`,
      `--dest=${root}/load/${below}`,
      `--srcPattern=.*/(${runsPattern(read)})/${file}`,
    ]),
    clean: step('clean', `${prefix}2-clean`, [
      'spark-submit',
      // Only in client mode is the script's own output the step's output.
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

/** `2010-12-01/run-1`; days that one run staged share its name: `(2010-12-01|2010-12-02)/run-1`. */
function runsPattern(days: readonly ApplicationDay[]): string {
  const byRun = Map.groupBy(days, ({ loadRun }) => loadRun);
  return [...byRun]
    .map(([run, of]) => {
      const names = of.map(({ ds }) => ds).join('|');
      return `${of.length === 1 ? names : `(${names})`}/${run}`;
    })
    .join('|');
}

const step = (kind: Step['kind'], name: string, args: readonly string[]): Step => ({
  kind,
  name,
  args,
});

const characters = ({ args }: Step): number =>
  args.reduce((sum, argument) => sum + argument.length, stepJar.length);
