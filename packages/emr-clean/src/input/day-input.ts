/** What one day is cleaned from, read from the manifests of both sides. */
import type { Day } from '@user-behaviour/shared/runner/job';
import { Failure } from '@user-behaviour/shared/failure';
import { fileNames, runPrefix } from '@user-behaviour/shared/keys';
import type { Published } from '@user-behaviour/shared/manifest/manifest-store';
import { whyStale } from '@user-behaviour/shared/manifest/staleness';
import { stageOf } from '@user-behaviour/shared/pipeline';

const {
  reads: [source],
  writes: dataset,
} = stageOf('emr-clean');
export { dataset, source };

export interface DayInput {
  readonly day: Day;
  /** The staged reviews. */
  readonly upstream: Published;
  readonly loadRun: string;
  /** SHA-256 of the file: days of equal files are cleaned once. */
  readonly content: string;
  /** Reviews in the file, as stage-reviews counted them. */
  readonly rows: number;
  /** What shapes the result besides the reviews. */
  readonly parameters: { readonly script: string; readonly maxRejectedReviews: number };
  /** What is published of the day so far. */
  readonly previous: Published | undefined;
}

const scriptForm = /^scripts\/[0-9a-f]{64}\/[\w.]+$/;

export function dayInput(
  day: Day,
  upstream: Published,
  previous: Published | undefined,
  maxRejectedReviews: number,
): DayInput {
  const { run, files, parameters } = upstream.manifest;
  const [file] = files;
  const script = parameters['script'];
  const expected = `${runPrefix(source, day.ds, run)}${fileNames.reviews}`;
  if (files.length !== 1 || file?.key !== expected) {
    throw new Failure(
      'data',
      `the manifest of ${source} of ${day.ds} names ${String(files.length)} files; expected the one file ${expected}`,
    );
  }
  const { rows, sha256: content } = file;
  if (content === undefined) {
    throw new Failure(
      'data',
      `the manifest of ${source} of ${day.ds} has no SHA-256 of ${expected}; expected one`,
      { action: 'stage the day again' },
    );
  }
  if (typeof script !== 'string' || !scriptForm.test(script)) {
    throw new Failure(
      'data',
      `the manifest of ${source} of ${day.ds} names no Spark script; expected the parameter script`,
    );
  }
  const input = { script, maxRejectedReviews };
  return { day, upstream, loadRun: run, content, rows, parameters: input, previous };
}

/** Whether the published result was made from this input: then there is nothing to do. */
export function isCurrent(input: DayInput): input is DayInput & { readonly previous: Published } {
  const { previous, upstream, parameters } = input;
  return whyStale(previous?.manifest, { upstream: [upstream], parameters }) === undefined;
}

/** What a run published never changes (I1), so its name is taken for anything else. */
export function refuseUsedRun({ day, previous }: DayInput): void {
  if (previous?.manifest.run !== day.run) return;
  throw new Failure(
    'usage',
    `run ${day.run} of ${day.ds} is published already, made from other reviews or with other parameters`,
    { action: 'choose another --run-id, or none' },
  );
}
