/** Stages a day of reviews: copies and checks the vendor's file, stores the Spark script, and publishes both. */
import type { S3Client } from '@aws-sdk/client-s3';
import { previousDs } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { fileNames, runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import { lazily } from '@user-behaviour/shared/lazy';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { whyNotOver } from '@user-behaviour/shared/manifest/partial-day';
import { stageOf } from '@user-behaviour/shared/pipeline';
import { produceDay } from '@user-behaviour/shared/produce-day';
import type { Day, OpenJob, Outcome, Session } from '@user-behaviour/shared/runner/job';
import { logProgress } from '@user-behaviour/shared/runner/progress';
import { RunRecord } from '@user-behaviour/shared/run-record/run-record';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { UploadTarget } from '@user-behaviour/shared/s3/part-store';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import { discard, uploadStream } from '@user-behaviour/shared/s3/stream-upload';
import { CheckedReviews } from './checked-reviews.ts';
import type { StageConfiguration } from './config.ts';
import { delivered, type Delivery } from './source/delivery.ts';
import { isDaily, openSource } from './source/open-source.ts';
import { type SparkScript, sparkScript, uploadScript } from './spark-script.ts';

const { writes: dataset } = stageOf('stage-reviews');

/** Shared by all days of the process. */
interface Context {
  readonly target: Pick<UploadTarget, 's3' | 'bucket' | 'signal'>;
  readonly store: ManifestStore;
  readonly session: Session;
  /** By the clock of S3. */
  readonly now: () => Date;
  readonly reviews: CheckedReviews;
  /** Whether each day has a file of its own. */
  readonly isDaily: boolean;
  readonly script: SparkScript;
  readonly parameters: StageParameters;
  readonly uploadScript: () => Promise<void>;
}

export function open(configuration: StageConfiguration, session: Session): Promise<OpenJob> {
  const bucket = configuration.PIPELINE_BUCKET;
  const s3 = createS3Client(configuration);
  const script = sparkScript();
  const delivery = (day: Day) => deliveryOf(configuration, day, s3);
  const context: Context = {
    target: { s3, bucket, signal: session.signal },
    store: new ManifestStore(s3, bucket),
    session,
    now: new ServerClock(s3, session.now).now,
    reviews: new CheckedReviews(configuration.MAX_LINE_SIZE),
    parameters: parametersOf(script, configuration),
    isDaily: isDaily(configuration.REVIEWS_SOURCE),
    script,
    uploadScript: lazily(() => uploadScript(s3, bucket, script)),
  };
  return Promise.resolve({
    runDay: (day) =>
      session.dryRun
        ? Promise.resolve(plan(day, delivery(day), context))
        : stageDay(day, delivery(day), context),
    runRecord: new RunRecord({ s3, bucket }),
    [Symbol.asyncDispose]() {
      s3.destroy();
      return Promise.resolve();
    },
  });
}

const parametersOf = ({ key }: SparkScript, { MAX_LINE_SIZE }: StageConfiguration) => ({
  script: key,
  maxLineSize: MAX_LINE_SIZE,
});

type StageParameters = ReturnType<typeof parametersOf>;

const fileKey = ({ ds, run }: Day): string => `${runPrefix(dataset, ds, run)}${fileNames.reviews}`;

function deliveryOf(
  { REVIEWS_SOURCE, REVIEWS_READY, REVIEWS_SETTLE }: StageConfiguration,
  { ds }: Day,
  s3: S3Client,
): Delivery {
  return {
    source: openSource(REVIEWS_SOURCE, ds, s3),
    marker:
      REVIEWS_READY === undefined ? undefined : openSource(REVIEWS_READY, ds, s3, 'REVIEWS_READY'),
    settle: REVIEWS_SETTLE,
  };
}

function plan(day: Day, { source }: Delivery, { parameters, target }: Context): Outcome {
  return {
    status: 'planned',
    parameters,
    reads: source.name,
    writes: [fileKey(day), parameters.script].map((key) => s3Uri(target.bucket, key)),
  };
}

function stageDay(day: Day, delivery: Delivery, context: Context): Promise<Outcome> {
  const { target, parameters } = context;
  const publishing = {
    ...context,
    dataset,
    parameters,
    discard: () => discard(target, [fileKey(day)]),
  };
  return produceDay(day, publishing, () => copyReviews(day, delivery, context));
}

/** Stores the script, then the reviews: a script that was replaced leaves no file behind. */
async function copyReviews(day: Day, delivery: Delivery, context: Context) {
  const { target, session, reviews } = context;
  const { log } = day;
  const look = await delivered(delivery, session, log);
  const startedAt = session.now();
  const dayBefore = context.isDaily ? await hashOfDayBefore(day, context.store) : undefined;
  if (context.isDaily) warnOfEarlyFile(day, context.now());
  await context.uploadScript();
  const { body, tally } = reviews.open(delivery.source, look, target.signal);
  const uploaded = await uploadStream(
    {
      ...target,
      key: fileKey(day),
      contentType: 'text/csv; charset=utf-8',
      onProgress: logProgress(log, 'staging', () => ({ reviews: tally.reviews })),
    },
    body,
  );
  if (tally.unclosed > 0) {
    log.warn({ lines: tally.unclosed }, 'reviews with an unclosed quote: Spark will reject them');
  }
  if (tally.tooLong > 0) {
    log.warn({ lines: tally.tooLong }, 'lines above MAX_LINE_SIZE: Spark will reject them');
  }
  if (uploaded.sha256 === dayBefore) {
    log.warn(
      { sameAs: previousDs(day.ds) },
      'the reviews equal those of the day before: did the vendor deliver an old file again?',
    );
  }
  return { files: [{ ...uploaded, rows: tally.reviews }], startedAt };
}

function warnOfEarlyFile({ ds, log }: Day, now: Date): void {
  const why = whyNotOver(ds, now);
  if (why !== undefined) log.warn(`${why}: the vendor's file may lack reviews`);
}

/** SHA-256 of what is published for the day before; undefined if nothing readable is. */
async function hashOfDayBefore({ ds }: Day, store: ManifestStore): Promise<string | undefined> {
  try {
    return (await store.read(dataset, previousDs(ds)))?.manifest.files[0]?.sha256;
  } catch (error) {
    // A day must not fail because of another one.
    if (error instanceof Failure && error.kind === 'data') return undefined;
    throw error;
  }
}
