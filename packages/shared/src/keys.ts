/** The one place that names what lies in the bucket. docs/contract.md shows the layout. */
import type { Ds } from './ds.ts';
import type { Dataset } from './pipeline.ts';

/** The file names that the first pipeline used and that analysts know. */
export const fileNames = {
  purchases: 'temp_filtered_user_purchase.csv',
  reviews: 'movie.csv',
  script: 'random_text_classification.py',
} as const;

/** The pointer to a day's published run. Spectrum ignores names that begin with an underscore. */
export const manifestKey = (dataset: Dataset, ds: Ds): string => `${dataset}/${ds}/_manifest.json`;

/** Held while one run works on a day, so that a second one waits instead of doing it twice. */
export const leaseKey = (dataset: Dataset, ds: Ds): string => `${dataset}/${ds}/_lease.json`;

/** Where a run writes; ends with a slash, as a location must. */
export const runPrefix = (dataset: Dataset, ds: Ds, run: string): string =>
  `${dataset}/${ds}/${run}/`;

/** Where health checks try what the job may do. It cannot collide with a day. */
export const probePrefix = (dataset: Dataset): string => `${dataset}/doctor/`;

/** The Spark script under its content hash: a running step never sees it change. */
export const scriptKey = (sha256: string): string => `scripts/${sha256}/${fileNames.script}`;

/** Rejected review lines of a run, for a person to look at; outside every external table. */
export const rejectsPrefix = (ds: Ds, run: string): string => `movie_review/rejects/${ds}/${run}/`;

export const s3Uri = (bucket: string, key: string): string => `s3://${bucket}/${key}`;
