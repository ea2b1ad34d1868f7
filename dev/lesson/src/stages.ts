/** What labs and exercises do with the pipeline: run days, expect an end, and read what is there. */
import { failureKinds, isFailureKind } from '@user-behaviour/shared/failure';
import type { JobName } from '@user-behaviour/shared/pipeline';
import type { Ended } from '@user-behaviour/testkit/running-job';
import type { TestBucket } from '@user-behaviour/testkit/servers/bucket';
import { WarehouseClient } from '@user-behaviour/testkit/warehouse-client';
import type { JobOptions, Workshop } from './workshop.ts';

/** The first two days of the sample. */
export const [first, second] = ['2010-12-01', '2010-12-02'] as const;

/** A run that had to succeed ended otherwise. */
export class RunFailed extends Error {
  /** The job and its arguments. */
  readonly run: string;
  readonly end: Ended;

  constructor(run: string, end: Ended) {
    super(`${run} ${ending(end)}`);
    this.run = run;
    this.end = end;
  }
}

/**
 * Whether the same run may succeed the next time: a server did not answer, or a signal ended the job. Then it says
 * nothing about the checkout. A wrong configuration does: all of it is the same each time, except rules and migrations.
 */
export function canPass({ code, summaries, log }: Ended): boolean {
  if (code === null) return true;
  return [...summaries, ...log].some(
    ({ kind }) =>
      typeof kind === 'string' && isFailureKind(kind) && failureKinds[kind].retry === 'soon',
  );
}

/** Runs a job that may fail because of what is judged. @throws RunFailed if it fails in a way that can pass. */
export async function attempt(
  workshop: Workshop,
  name: string,
  options: JobOptions,
): Promise<Ended> {
  const end = await workshop.job(name, options);
  if (end.code !== 0 && canPass(end)) throw new RunFailed(`${name} ${options.args.join(' ')}`, end);
  return end;
}

/** Runs a job that must succeed. @throws RunFailed */
export async function succeed(
  workshop: Workshop,
  name: JobName,
  options: JobOptions,
): Promise<Ended> {
  const end = await workshop.job(name, options);
  if (end.code !== 0) throw new RunFailed(`${name} ${options.args.join(' ')}`, end);
  return end;
}

/** How a job ended, with the first line of what it said about the day that failed. */
export const ending = (end: Ended): string => `ended with ${codeAndMessage(end)}`;

/** The same, as what a judge found. */
export const exitOf = (end: Ended): string => `exit code ${codeAndMessage(end)}`;

function codeAndMessage({ code, summaries, log }: Ended): string {
  const told = [summaries.at(-1)?.['message'], log.at(-1)?.['msg'], log.at(-1)?.['text']];
  const message = told.find((text) => typeof text === 'string') ?? '';
  return `${String(code)}: ${message.split('\n')[0] ?? ''}`;
}

/** Runs all four jobs for a day, or for several in one process each. */
export async function runDays(workshop: Workshop, from: string, to = from): Promise<void> {
  const args = [`--ds=${from}`, ...(to === from ? [] : [`--through=${to}`])];
  await Promise.all(
    (['extract-purchases', 'stage-reviews'] as const).map((job) =>
      succeed(workshop, job, { args }),
    ),
  );
  await succeed(workshop, 'emr-clean', { args });
  await succeed(workshop, 'redshift-load', { args });
}

/** What a day has in the metric. */
export async function totals(
  workshop: Workshop,
  ds: string,
  table = 'public.user_behavior_metric',
): Promise<Readonly<Record<'customers' | 'rows' | 'amount' | 'reviews', string>>> {
  using warehouse = new WarehouseClient(workshop.env);
  const [found] = await warehouse.query(
    `select count(distinct customerid) as customers, count(*) as rows,
       coalesce(sum(amount_spent), 0) as amount, coalesce(sum(review_count), 0) as reviews
     from ${table} where insert_date = '${ds}'`,
  );
  const value = (name: string) => String(found?.[name]);
  return {
    customers: value('customers'),
    rows: value('rows'),
    amount: Number(value('amount')).toFixed(2),
    reviews: value('reviews'),
  };
}

interface Published {
  readonly run: string;
  readonly files: readonly { readonly key: string }[];
  readonly totals: { readonly rows: number };
}

/** The manifest of a day. */
export const published = async (
  bucket: TestBucket,
  dataset: string,
  ds: string,
): Promise<Published> =>
  JSON.parse(await bucket.text(`${dataset}/${ds}/_manifest.json`)) as Published;

/** The lines of a published day's first file, without its header. */
export async function linesOf(
  bucket: TestBucket,
  { files: [file] }: Published,
): Promise<readonly string[]> {
  if (file === undefined) return [];
  return (await bucket.text(file.key)).trimEnd().split('\n').slice(1);
}
