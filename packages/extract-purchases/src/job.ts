/** One day of purchases: read what is published, copy the day to S3, compare the counts, publish. */
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Day, OpenJob, Outcome, Session } from '@user-behaviour/shared/runner/job';
import { fileNames, runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { logProgress } from '@user-behaviour/shared/runner/progress';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import {
  alreadyPublished,
  describePublication,
  publicationFacts,
} from '@user-behaviour/shared/manifest/publication';
import { discard } from '@user-behaviour/shared/s3/stream-upload';
import { parseDuration } from '@user-behaviour/shared/waiting';
import type { ExtractConfiguration } from './config.ts';
import { copyDay } from './extract-day.ts';
import { purchasesQuery } from './source/query.ts';
import { contentTypes, formatName, type OutputFormat } from './upload/output-format.ts';
import { connectionSettings } from './source/connection-settings.ts';
import type { Source } from './source/pool.ts';
import { Lazy } from '@user-behaviour/shared/lazy';

const dataset = 'user_purchase/stage';

export function open(configuration: ExtractConfiguration, session: Session): Promise<OpenJob> {
  if (session.dryRun) {
    return Promise.resolve({
      runDay: (day) => Promise.resolve(plan(day, configuration)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }
  const s3 = createS3Client(configuration);
  const source = new Lazy(() => openSource(configuration, session));
  const target = { s3, bucket: configuration.PIPELINE_BUCKET, signal: session.signal };
  return Promise.resolve({
    runDay: (day) => extractDay(day, configuration, source, target, session),
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      s3.destroy();
    },
  });
}

async function openSource(configuration: ExtractConfiguration, session: Session): Promise<Source> {
  const { Source } = await import('./source/pool.ts');
  return new Source({
    connection: await connectionSettings(configuration),
    connections: configuration.SOURCE_CONNECTIONS,
    statementTimeout: parseDuration(configuration.SOURCE_STATEMENT_TIMEOUT) ?? 0,
    signal: session.signal,
    log: session.log,
  });
}

const fileKey = ({ ds, run }: Day, format: OutputFormat): string =>
  `${runPrefix(dataset, ds, run)}${formatName(fileNames.purchases, format)}`;

/** What shapes the data besides the source. */
const shape = ({ MIN_QUANTITY, OUTPUT_FORMAT }: ExtractConfiguration) => ({
  minQuantity: MIN_QUANTITY,
  format: OUTPUT_FORMAT,
});

function plan(day: Day, configuration: ExtractConfiguration): Outcome {
  return {
    status: 'planned',
    parameters: shape(configuration),
    query: purchasesQuery(day.ds, configuration.MIN_QUANTITY),
    writes: s3Uri(configuration.PIPELINE_BUCKET, fileKey(day, configuration.OUTPUT_FORMAT)),
  };
}

async function extractDay(
  day: Day,
  configuration: ExtractConfiguration,
  source: Lazy<Source>,
  target: Pick<UploadTarget, 's3' | 'bucket' | 'signal'>,
  session: Session,
): Promise<Outcome> {
  const { ds, run, log } = day;
  const { MIN_QUANTITY: minQuantity, OUTPUT_FORMAT: format } = configuration;
  const parameters = shape(configuration);
  const store = new ManifestStore(target.s3, target.bucket);
  const seen = await store.read(dataset, ds);
  if (alreadyPublished(seen, run, parameters)) {
    return { status: 'unchanged', ...publicationFacts(seen) };
  }

  const startedAt = session.now();
  const files = await copyDay(
    await source.get(),
    purchasesQuery(ds, minQuantity),
    {
      ...target,
      key: fileKey(day, format),
      contentType: contentTypes[format],
      onProgress: logProgress(log, 'extracting', () => ({})),
    },
    { format, fileBytes: configuration.OUTPUT_FILE_SIZE },
  );
  const publication = await store.publish(
    {
      dataset,
      ds,
      run,
      job: session.job,
      parameters,
      upstream: [],
      files,
      startedAt,
      finishedAt: session.now(),
    },
    seen,
  );
  if (publication.status !== 'published')
    await discard(
      target,
      files.map(({ key }) => key),
    );
  const facts = publicationFacts(publication);
  log.info(
    { ...facts, minQuantity },
    describePublication(publication.status, 'purchases', facts.rows),
  );
  return { status: publication.status, ...facts, minQuantity };
}
