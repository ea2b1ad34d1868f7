/** Every key in the bucket is made here; docs/contract.md shows the layout. */
import type { Ds } from './ds.ts';
import type { Dataset } from './pipeline.ts';

/** The file names of the first pipeline, which analysts know. */
export const fileNames = {
  purchases: 'temp_filtered_user_purchase.csv',
  reviews: 'movie.csv',
  script: 'random_text_classification.py',
  rejects: 'rejected_purchases.csv',
} as const;

/** The pointer to a day's published run. Spectrum ignores names that start with an underscore. */
export const manifestKey = (dataset: Dataset, ds: Ds): string => `${dataset}/${ds}/_manifest.json`;

/** Held by the run that works on a day, so that a second run waits instead of repeating the work. */
export const leaseKey = (dataset: Dataset, ds: Ds): string => `${dataset}/${ds}/_lease.json`;

/** Where a run writes. A table's location must end with a slash. */
export const runPrefix = (dataset: Dataset, ds: Ds, run: string): string =>
  `${dataset}/${ds}/${run}/`;

/** What has changed at the source; no dataset of days. */
export const changesFolder = 'user_purchase/changes';

/** The pointer of capture-purchases. */
export const changesHeadKey = `${changesFolder}/_head.json`;

/** A folder that a job writes. */
export type Folder = Dataset | 'scripts' | typeof changesFolder;

/** Where health checks write their probes. It collides neither with a day nor with a script. */
export const probePrefix = (folder: Folder): string => `${folder}/doctor/`;

/** The Spark script under its content hash, so that a running step never sees it change. */
export const scriptKey = (sha256: string): string => `scripts/${sha256}/${fileNames.script}`;

/** Where the runs of a stage put rejected rows, for inspection; outside every external table. */
export const rejectsFolders = {
  'user_purchase/stage': 'user_purchase/rejects',
  'movie_review/stage': 'movie_review/rejects',
} as const satisfies Partial<Record<Dataset, string>>;

export type RejectingDataset = keyof typeof rejectsFolders;

export type RejectsFolder = (typeof rejectsFolders)[RejectingDataset];

export const isRejecting = (dataset: Dataset): dataset is RejectingDataset =>
  dataset in rejectsFolders;

/** A run's rejected rows. */
export const rejectsPrefix = (dataset: RejectingDataset, ds: Ds, run: string): string =>
  `${rejectsFolders[dataset]}/${ds}/${run}/`;

/** Where the processes of all jobs, or of one, leave the records of their days, an object each. */
export const runRecordsPrefix = (job?: string): string =>
  job === undefined ? 'runs/' : `runs/${job}/`;

/** `process` tells a second process of the run from the first, e.g. a retry. */
export const runRecordKey = (job: string, run: string, process?: string): string =>
  `${runRecordsPrefix(job)}${run}${process === undefined ? '' : `.${process}`}.jsonl`;

export const s3Uri = (bucket: string, key: string): string => `s3://${bucket}/${key}`;

/** The object that an S3 URI names; undefined for any other text. */
export function parseS3Uri(text: string): { Bucket: string; Key: string } | undefined {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(text) ?? [];
  return Bucket === undefined || Key === undefined ? undefined : { Bucket, Key };
}
