/**
 * The pipeline as data: what each stage reads and writes, and which settings shape its rows. The list of
 * jobs, their order, plans and the staleness rule (manifest/staleness.ts) derive from it.
 * To add a stage: docs/adding-a-stage.md.
 */

/** What one job does for one day. */
export interface Stage {
  /** The name of the job, its package and its image. */
  readonly name: string;
  /** One word for tables, e.g. `extract`. */
  readonly verb: string;
  /** What its rows are. */
  readonly rows: string;
  /** A table or file outside the pipeline. If it is `delivered`, it may arrive late. */
  readonly source?: { readonly name: string; readonly delivered: boolean };
  /** Datasets of the same day that other stages publish. */
  readonly reads: readonly string[];
  /** A dataset in the bucket, or a table of the warehouse. */
  readonly writes: string;
  /** Settings that shape the rows, named as in the manifest. */
  readonly shapedBy: readonly string[];
  /** Settings that shape the rows and come from the upstream manifest. */
  readonly inherits: readonly string[];
}

/** In an order in which the stages can run. */
export const pipeline = [
  {
    name: 'extract-purchases',
    verb: 'extract',
    rows: 'purchases',
    source: { name: 'retail.user_purchase', delivered: false },
    reads: [],
    writes: 'user_purchase/stage',
    shapedBy: ['minQuantity', 'format', 'badPurchases', 'maxRejectedPurchases'],
    inherits: [],
  },
  {
    name: 'stage-reviews',
    verb: 'stage',
    rows: 'reviews',
    source: { name: 'the vendor’s review file', delivered: true },
    reads: [],
    writes: 'movie_review/load',
    shapedBy: ['script', 'maxLineSize'],
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
    shapedBy: ['loadSql'],
    inherits: [],
  },
] as const satisfies readonly Stage[];

/** What shapes rows and no rule sets: what is of the release, and the limit that protects Spark. */
const unruled: readonly string[] = ['script', 'loadSql', 'maxLineSize'];

/** The settings that a rule may set for some days (rules/rules.ts). */
export const ruledParameters: readonly string[] = pipeline
  .flatMap(({ shapedBy }): readonly string[] => shapedBy)
  .filter((name) => !unruled.includes(name));

export type JobName = (typeof pipeline)[number]['name'];

export const jobs: readonly JobName[] = pipeline.map(({ name }) => name);

/** The stage of a job. */
export function stageOf<N extends JobName>(
  name: N,
): Extract<(typeof pipeline)[number], { name: N }> {
  return pipeline.find((stage) => stage.name === name) as Extract<
    (typeof pipeline)[number],
    { name: N }
  >;
}

/** A dataset in the bucket: its name contains a slash. The metric is a table in the warehouse. */
export type Dataset = Extract<(typeof pipeline)[number]['writes'], `${string}/${string}`>;

export const isDataset = (name: string): name is Dataset => name.includes('/');

/** The datasets that the stages publish in the bucket, in order. */
export const datasets: readonly Dataset[] = pipeline.map(({ writes }) => writes).filter(isDataset);

/** The stage that publishes the dataset. */
export function producerOf(dataset: string): (typeof pipeline)[number] {
  const producer = pipeline.find(({ writes }) => writes === dataset);
  if (producer === undefined) throw new Error(`no stage writes ${dataset}`);
  return producer;
}

/** The jobs whose results the stage reads. */
export const upstreamJobs = ({ reads }: Pick<Stage, 'reads'>): readonly JobName[] =>
  reads.map((dataset) => producerOf(dataset).name);

/**
 * Whether the job takes `--look-back`: it can tell cheaply which earlier days differ from what it made of them. A
 * table is compared by digests, the warehouse by its ledger.
 */
export const canLookBack = ({ source, writes }: Pick<Stage, 'source' | 'writes'>): boolean =>
  source?.delivered === false || !isDataset(writes);

/** Whether the job takes `--wait`: what the stage reads may not exist yet. */
export const canWait = ({ reads, source }: Pick<Stage, 'reads' | 'source'>): boolean =>
  reads.length > 0 || source?.delivered === true;
