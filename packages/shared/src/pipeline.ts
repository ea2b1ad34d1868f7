/**
 * The pipeline as data: each stage, what it reads, what it writes and what shapes its rows. Everything
 * that lists the jobs, orders them, plans them or decides whether a day is stale derives from this.
 */

/** What one job does to one day. */
export interface Stage {
  /** The job's name: its package, image and log name. */
  readonly name: string;
  /** One word for tables, e.g. `extract`. */
  readonly verb: string;
  /** What its rows are. */
  readonly rows: string;
  /** A table or file outside the pipeline; `delivered` means that it may arrive late. */
  readonly source?: { readonly name: string; readonly delivered: boolean };
  /** Datasets of the same day that other stages publish. */
  readonly reads: readonly string[];
  /** A dataset in the bucket, or a table of the warehouse. */
  readonly writes: string;
  /** Settings that shape the rows, by their names in the manifest. */
  readonly shapedBy: readonly string[];
  /** Settings that shape the rows and come with what the stage reads. */
  readonly inherits: readonly string[];
}

/** In the order in which one process after another could run them. */
export const pipeline = [
  {
    name: 'extract-purchases',
    verb: 'extract',
    rows: 'purchases',
    source: { name: 'retail.user_purchase', delivered: false },
    reads: [],
    writes: 'user_purchase/stage',
    shapedBy: ['minQuantity', 'format'],
    inherits: [],
  },
  {
    name: 'stage-reviews',
    verb: 'stage',
    rows: 'reviews',
    source: { name: 'the vendor’s review file', delivered: true },
    reads: [],
    writes: 'movie_review/load',
    shapedBy: ['script'],
    inherits: [],
  },
  {
    name: 'emr-clean',
    verb: 'clean',
    rows: 'cleaned reviews',
    reads: ['movie_review/load'],
    writes: 'movie_review/stage',
    shapedBy: ['maxRejectedReviews'],
    inherits: ['script'],
  },
  {
    name: 'redshift-load',
    verb: 'load',
    rows: 'customers',
    reads: ['user_purchase/stage', 'movie_review/stage'],
    writes: 'public.user_behavior_metric',
    shapedBy: [],
    inherits: [],
  },
] as const satisfies readonly Stage[];

export type JobName = (typeof pipeline)[number]['name'];

export const jobs: readonly JobName[] = pipeline.map(({ name }) => name);

/** The stage that a job is. */
export function stageOf<N extends JobName>(
  name: N,
): Extract<(typeof pipeline)[number], { name: N }> {
  return pipeline.find((stage) => stage.name === name) as Extract<
    (typeof pipeline)[number],
    { name: N }
  >;
}

/** A dataset in the bucket; its name has a slash. The metric is a table of the warehouse. */
export type Dataset = Extract<(typeof pipeline)[number]['writes'], `${string}/${string}`>;

export const isDataset = (name: string): name is Dataset => name.includes('/');

/** What the stages publish in the bucket, in the order of the stages. */
export const datasets: readonly Dataset[] = pipeline.map(({ writes }) => writes).filter(isDataset);

/** The stage that publishes the dataset. */
export function producerOf(dataset: string): (typeof pipeline)[number] {
  const producer = pipeline.find(({ writes }) => writes === dataset);
  if (producer === undefined) throw new Error(`no stage writes ${dataset}`);
  return producer;
}

/** The jobs whose results a job reads. */
export const upstreamJobs = ({ reads }: Pick<Stage, 'reads'>): readonly JobName[] =>
  reads.map((dataset) => producerOf(dataset).name);

/** Whether `--wait` means something: what the stage reads may not be there yet. */
export const canWait = ({ reads, source }: Pick<Stage, 'reads' | 'source'>): boolean =>
  reads.length > 0 || source?.delivered === true;
