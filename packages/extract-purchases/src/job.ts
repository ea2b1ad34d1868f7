/** One day of purchases: copy it from the source to S3, count both sides, publish. */
import type { Ds } from '@user-behaviour/shared/ds';
import { fileNames, rejectsPrefix, runPrefix, s3Uri } from '@user-behaviour/shared/keys';
import { Lazy, lazily } from '@user-behaviour/shared/lazy';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { warningOfEmptyDay } from '@user-behaviour/shared/manifest/usual-rows';
import { whyNotOver } from '@user-behaviour/shared/manifest/partial-day';
import { stageOf } from '@user-behaviour/shared/pipeline';
import { produceDay } from '@user-behaviour/shared/produce-day';
import type { ConfigurationOf } from '@user-behaviour/shared/runner/config';
import type { Day, OpenJob, Outcome, Session } from '@user-behaviour/shared/runner/job';
import { logProgress } from '@user-behaviour/shared/runner/progress';
import { RunRecord } from '@user-behaviour/shared/run-record/run-record';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { UploadTarget } from '@user-behaviour/shared/s3/object-upload';
import { ServerClock } from '@user-behaviour/shared/s3/server-clock';
import { discard } from '@user-behaviour/shared/s3/stream-upload';
import type { ExtractConfiguration, variables } from './config.ts';
import { type CopiedDay, copyDay } from './extract-day.ts';
import { daysToExtract, lookAtDays, tellLook } from './look.ts';
import { connectionSettings } from '@user-behaviour/source/connection-settings';
import type { Source } from './source/pool.ts';
import { purchasesQuery } from './source/query.ts';
import { valuesOf } from './table/load-limits.ts';
import { requireNoOtherFiles } from './upload/earlier-attempt.ts';
import { contentTypes, formatName } from './upload/output-format.ts';

const { writes: dataset } = stageOf('extract-purchases');

/** A look takes all days of a command line in one scan; there are at most so many. */
const mostDays = 10_000;

/** `configurationOf` has the settings of a day. */
export function open(
  configuration: ExtractConfiguration,
  session: Session,
  configurationOf: ConfigurationOf<typeof variables>,
): Promise<OpenJob> {
  if (session.dryRun) {
    return Promise.resolve({
      runDay: (day) => Promise.resolve(plan(day, configurationOf(day.ds))),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }
  const s3 = createS3Client(configuration);
  const source = new Lazy(() => openSource(configuration, session));
  const close = lazily(() => source[Symbol.asyncDispose]());
  const dispose = async () => {
    await close();
    s3.destroy();
  };
  const { now } = new ServerClock(s3, session.now);
  const target = { s3, bucket: configuration.PIPELINE_BUCKET, signal: session.signal, now };
  const look = async (days: readonly Ds[]) => {
    const store = new ManifestStore(s3, target.bucket);
    return lookAtDays(days, { source: await source.get(), store, now });
  };
  if (session.flags.has('look')) {
    return Promise.resolve({
      runBatch: {
        size: mostDays,
        run: async (days, reportDay) => {
          for (const day of await look(days.map(({ ds }) => ds))) reportDay(day.ds, tellLook(day));
        },
      },
      [Symbol.asyncDispose]: dispose,
    });
  }
  return Promise.resolve({
    behind: async (days) => {
      const { capturedDays } = await import('./captured.ts');
      const earlier = days.map(({ ds }) => ds);
      const captured = await capturedDays(earlier, target, session.log);
      return [...new Set([...daysToExtract(await look(earlier), session.log), ...captured])];
    },
    runDay: (day) => extractDay(day, configurationOf(day.ds), source, target, session),
    runRecord: new RunRecord(target),
    afterDays: close,
    [Symbol.asyncDispose]: dispose,
  });
}

/** Loads the code of the source and connects to it while S3 answers the day's first request. A failure is the day's. */
function connectWhileWaiting(source: Lazy<Source>): void {
  setImmediate(() => {
    source.get().then(
      (opened) => {
        opened.connectAhead();
      },
      () => undefined,
    );
  });
}

async function openSource(configuration: ExtractConfiguration, session: Session): Promise<Source> {
  const { Source } = await import('./source/pool.ts');
  return new Source({
    connection: await connectionSettings(configuration),
    connections: configuration.SOURCE_CONNECTIONS,
    statementTimeout: configuration.SOURCE_STATEMENT_TIMEOUT,
    signal: session.signal,
    log: session.log,
  });
}

const fileKey = ({ ds, run }: Day, { OUTPUT_FORMAT }: ExtractConfiguration): string =>
  `${runPrefix(dataset, ds, run)}${formatName(fileNames.purchases, OUTPUT_FORMAT)}`;

/** What shapes the data besides the source. */
const parametersOf = (configuration: ExtractConfiguration) => ({
  minQuantity: configuration.MIN_QUANTITY,
  format: configuration.OUTPUT_FORMAT,
  // A day that was refused has no manifest, so these shape nothing else.
  ...(configuration.BAD_PURCHASES === 'quarantine' && {
    badPurchases: configuration.BAD_PURCHASES,
    maxRejectedPurchases: configuration.MAX_REJECTED_PURCHASES,
  }),
});

const rejectsKey = ({ ds, run }: Day): string =>
  `${rejectsPrefix(dataset, ds, run)}${fileNames.rejects}`;

function plan(day: Day, configuration: ExtractConfiguration): Outcome {
  return {
    status: 'planned',
    parameters: parametersOf(configuration),
    query: purchasesQuery({ ds: day.ds, minQuantity: configuration.MIN_QUANTITY }, valuesOf([])),
    writes: s3Uri(configuration.PIPELINE_BUCKET, fileKey(day, configuration)),
  };
}

async function extractDay(
  day: Day,
  configuration: ExtractConfiguration,
  source: Lazy<Source>,
  target: Pick<UploadTarget, 's3' | 'bucket' | 'signal'> & { readonly now: () => Date },
  session: Session,
): Promise<Outcome> {
  const { MIN_QUANTITY: minQuantity, OUTPUT_FORMAT: format } = configuration;
  let rejects: CopiedDay['rejects'] = [];
  const publishing = {
    store: new ManifestStore(target.s3, target.bucket),
    session,
    dataset,
    parameters: parametersOf(configuration),
    discard: (files: readonly { readonly key: string }[]) =>
      discard(
        target,
        [...files, ...rejects].map(({ key }) => key),
      ),
    facts: () => ({ minQuantity }),
  };
  connectWhileWaiting(source);
  const outcome = await produceDay(day, publishing, async () => {
    const completeUntil = momentOfPartialDay(day, target.now());
    const copied = await copyDay(
      await source.get(),
      {
        ...target,
        key: fileKey(day, configuration),
        contentType: contentTypes[format],
        onProgress: logProgress(day.log, 'extracting', () => ({})),
      },
      {
        day: { ds: day.ds, minQuantity },
        // By the same clock as `completeUntil`: what is published as complete was replayed.
        overDay: completeUntil === undefined ? day.ds : undefined,
        format,
        fileBytes: configuration.OUTPUT_FILE_SIZE,
        quarantine:
          configuration.BAD_PURCHASES === 'quarantine'
            ? { share: configuration.MAX_REJECTED_PURCHASES, key: rejectsKey(day) }
            : undefined,
        // A run id that was given may be that of another attempt.
        ownsKeys: session.runId === undefined,
        record: day.record,
      },
    );
    const { files, rejected, belowQuantity, source: state } = copied;
    rejects = copied.rejects;
    if (session.runId !== undefined) {
      await requireNoOtherFiles(target, runPrefix(dataset, day.ds, day.run), files);
    }
    if (rejects.length > 0) {
      day.log.warn(
        { rejected },
        `purchases that cannot be loaded are in ${s3Uri(target.bucket, rejectsKey(day))}`,
      );
    }
    return { files, rejected, belowQuantity, completeUntil, source: state };
  });
  return withWarning(day, outcome, publishing.store);
}

/** Adds a warning to a day that is over, has no rows, and usually has some. Asked again by a rerun of the day. */
async function withWarning(day: Day, outcome: Outcome, store: ManifestStore): Promise<Outcome> {
  if (outcome['rows'] !== 0 || outcome['completeUntil'] !== undefined) return outcome;
  const warning = await warningOfEmptyDay(store, dataset, day.ds);
  if (warning === undefined) return outcome;
  day.log.warn(warning);
  return { ...outcome, warning };
}

/** Warns and returns `now` if the day is not over, because rows may follow. */
function momentOfPartialDay({ ds, log }: Day, now: Date): Date | undefined {
  const why = whyNotOver(ds, now);
  if (why === undefined) return undefined;
  log.warn(
    { completeUntil: now.toISOString() },
    `${why}: it is published as partial; run it again once it is over, as catchup does`,
  );
  return now;
}
