/** Stages a day of reviews: copies and checks the vendor's file, stores the Spark script, and publishes both. */
import { fileNames, runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import { lazily } from '@user-behaviour/shared/lazy';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { stageOf } from '@user-behaviour/shared/pipeline';
import { produceDay } from '@user-behaviour/shared/produce-day';
import type { Day, OpenJob, Outcome, Session } from '@user-behaviour/shared/runner/job';
import { logProgress } from '@user-behaviour/shared/runner/progress';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { UploadTarget } from '@user-behaviour/shared/s3/part-store';
import { discard, uploadStream } from '@user-behaviour/shared/s3/stream-upload';
import { CheckedReviews } from './checked-reviews.ts';
import type { StageConfiguration } from './config.ts';
import { delivered, type ReviewsSource, reviewsSource } from './reviews-source.ts';
import { type SparkScript, sparkScript, uploadScript } from './spark-script.ts';

const { writes: dataset } = stageOf('stage-reviews');

/** Shared by all days of the process. */
interface Context {
  readonly target: Pick<UploadTarget, 's3' | 'bucket' | 'signal'>;
  readonly store: ManifestStore;
  readonly session: Session;
  readonly reviews: CheckedReviews;
  readonly script: SparkScript;
  readonly uploadScript: () => Promise<void>;
}

export function open(configuration: StageConfiguration, session: Session): Promise<OpenJob> {
  const bucket = configuration.PIPELINE_BUCKET;
  const s3 = createS3Client(configuration);
  const script = sparkScript();
  const source = (day: Day) => reviewsSource(configuration.REVIEWS_SOURCE, day.ds, s3);
  const context: Context = {
    target: { s3, bucket, signal: session.signal },
    store: new ManifestStore(s3, bucket),
    session,
    reviews: new CheckedReviews(),
    script,
    uploadScript: lazily(() => uploadScript(s3, bucket, script)),
  };
  return Promise.resolve({
    runDay: (day) =>
      session.dryRun
        ? Promise.resolve(plan(day, source(day), script, bucket))
        : stageDay(day, source(day), context),
    [Symbol.asyncDispose]() {
      s3.destroy();
      return Promise.resolve();
    },
  });
}

const fileKey = ({ ds, run }: Day): string => `${runPrefix(dataset, ds, run)}${fileNames.reviews}`;

function plan(day: Day, source: ReviewsSource, script: SparkScript, bucket: string): Outcome {
  return {
    status: 'planned',
    parameters: { script: script.key },
    reads: source.name,
    writes: [s3Uri(bucket, fileKey(day)), s3Uri(bucket, script.key)],
  };
}

function stageDay(day: Day, source: ReviewsSource, context: Context): Promise<Outcome> {
  const { target, script } = context;
  const publishing = {
    ...context,
    dataset,
    parameters: { script: script.key },
    discard: () => discard(target, [fileKey(day)]),
  };
  return produceDay(day, publishing, () => copyReviews(day, source, context));
}

/** Copies the reviews and, in parallel, stores the script. */
async function copyReviews(day: Day, source: ReviewsSource, context: Context) {
  const { target, session, reviews } = context;
  const { log } = day;
  const version = await delivered(source, session, log);
  const startedAt = session.now();
  const { body, tally } = reviews.open(source, version, target.signal);
  const upload = uploadStream(
    {
      ...target,
      key: fileKey(day),
      contentType: 'text/csv; charset=utf-8',
      onProgress: logProgress(log, 'staging', () => ({ reviews: tally.reviews })),
    },
    body,
  );
  const [uploaded] = await bothDone(upload, context.uploadScript());
  if (tally.unclosed > 0) {
    log.warn({ lines: tally.unclosed }, 'reviews with an unclosed quote: Spark will reject them');
  }
  return { files: [{ ...uploaded, rows: tally.reviews }], startedAt };
}

/** Like Promise.all, but waits for both even if one fails, so that nothing is left running. */
async function bothDone<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
