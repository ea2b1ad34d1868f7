/** One day of reviews: the vendor's file, checked, to S3; beside it the Spark script; then publish. */
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Day, OpenJob, Outcome, Session } from '@user-behaviour/shared/runner/job';
import { fileNames, runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { UploadTarget } from '@user-behaviour/shared/s3/part-store';
import { logProgress } from '@user-behaviour/shared/runner/progress';
import {
  alreadyPublished,
  describePublication,
  publicationFacts,
} from '@user-behaviour/shared/manifest/publication';
import { discard, uploadStream } from '@user-behaviour/shared/s3/stream-upload';
import type { StageConfiguration } from './config.ts';
import { CheckedReviews } from './checked-reviews.ts';
import { delivered, type ReviewsSource, reviewsSource } from './reviews-source.ts';
import { type SparkScript, sparkScript, uploadScript } from './spark-script.ts';

const dataset = 'movie_review/load';

export function open(configuration: StageConfiguration, session: Session): Promise<OpenJob> {
  const bucket = configuration.PIPELINE_BUCKET;
  const s3 = createS3Client(configuration);
  const script = sparkScript();
  const source = (day: Day) => reviewsSource(configuration.REVIEWS_SOURCE, day.ds, s3);
  const tools: Tools = {
    target: { s3, bucket, signal: session.signal },
    session,
    reviews: new CheckedReviews(),
    script,
    uploadScript: onceDone(() => uploadScript(s3, bucket, script)),
  };
  return Promise.resolve({
    runDay: (day) =>
      session.dryRun
        ? Promise.resolve(plan(day, source(day), script, bucket))
        : stageDay(day, source(day), tools),
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

/** What the days of one process share. */
interface Tools {
  readonly target: Pick<UploadTarget, 's3' | 'bucket' | 'signal'>;
  readonly session: Session;
  readonly reviews: CheckedReviews;
  readonly script: SparkScript;
  readonly uploadScript: () => Promise<void>;
}

/** The same work for all callers; after a failure the next caller has it done again. */
function onceDone(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}

async function stageDay(day: Day, source: ReviewsSource, tools: Tools): Promise<Outcome> {
  const { target, session, reviews, script } = tools;
  const { ds, run, log } = day;
  const parameters = { script: script.key };
  const store = new ManifestStore(target.s3, target.bucket);
  const seen = await store.read(dataset, ds);
  if (alreadyPublished(seen, run, parameters)) {
    return { status: 'unchanged', ...publicationFacts(seen) };
  }

  const version = await delivered(source, session, log);
  const startedAt = session.now();
  const key = fileKey(day);
  const { body, tally } = reviews.open(source, version, target.signal);
  const uploadReviews = () =>
    uploadStream(
      {
        ...target,
        key,
        contentType: 'text/csv; charset=utf-8',
        onProgress: logProgress(log, 'staging', () => ({ reviews: tally.reviews })),
      },
      body,
    );
  const [uploaded] = await bothDone(uploadReviews(), tools.uploadScript());
  if (tally.unclosed > 0) {
    log.warn({ lines: tally.unclosed }, 'reviews with an unclosed quote: Spark will reject them');
  }

  const publication = await store.publish(
    {
      dataset,
      ds,
      run,
      job: session.job,
      parameters,
      upstream: [],
      files: [{ ...uploaded, rows: tally.reviews }],
      startedAt,
      finishedAt: session.now(),
    },
    seen,
  );
  if (publication.status !== 'published') await discard(target, [key]);
  const facts = publicationFacts(publication);
  log.info({ ...facts }, describePublication(publication.status, 'reviews', facts.rows));
  return { status: publication.status, ...facts };
}

/** Like Promise.all, but a failure leaves nothing behind that is still under way. */
async function bothDone<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
