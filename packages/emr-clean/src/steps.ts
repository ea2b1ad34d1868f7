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

/** 1 copies the days' reviews to the cluster, 2 cleans them there, 3 copies the result back to the bucket; `root` is where on HDFS. */
export function applicationSteps(application: Application, root = inputFolder(application)): Steps {
  const { bucket, run, days, script, maxRejected } = application;
  const prefix = stepPrefix(
    days.map(({ ds }) => ds),
    run,
  );
  const runs = days.map(({ ds, loadRun }) => `${ds}/${loadRun}`).join('|');
  const file = fileNames.reviews.replaceAll('.', '\\.');
  return {
    copyIn: step('copy', `${prefix}1-copy-in`, [
      's3-dist-cp',
      `--src=${s3Uri(bucket, 'movie_review/load/')}`,
      `--dest=${root}/load/`,
      `--srcPattern=.*/(${runs})/${file}`,
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
      days.map(({ ds }) => ds).join(','),
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

function step(kind: Step['kind'], name: string, args: readonly string[]): Step {
  const characters = args.reduce((sum, argument) => sum + argument.length, stepJar.length);
  if (characters > charactersLimit) {
    throw new Failure(
      'bug',
      `step ${name} has ${String(characters)} characters of arguments, EMR takes ${String(charactersLimit)}`,
    );
  }
  return { kind, name, args };
}
