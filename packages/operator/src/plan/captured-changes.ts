/** What capture-purchases has recorded of each day, if it runs: then a plan need not read the source. */
import { type ChangesHead, verdictOf } from '@user-behaviour/shared/changes/changes-head';
import { ChangesHeadStore } from '@user-behaviour/shared/changes/changes-head-store';
import { asFailure } from '@user-behaviour/shared/failure';
import type { SourceVerdict } from '@user-behaviour/shared/manifest/source-state';
import { stageOf } from '@user-behaviour/shared/pipeline';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { OperatorConfiguration } from '../config.ts';
import type { DayFacts } from '../facts/day-facts.ts';

const { writes: dataset } = stageOf('extract-purchases');

/** Undefined without capture, and with a warning if the pointer may not or cannot be read: then a plan knows less. */
export async function readCapturedChanges(
  configuration: OperatorConfiguration,
  report: (line: string) => void,
): Promise<ChangesHead | undefined> {
  const s3 = createS3Client(configuration);
  try {
    return await headOf(
      new ChangesHeadStore({ s3, bucket: configuration.PIPELINE_BUCKET }),
      report,
    );
  } finally {
    s3.destroy();
  }
}

/** @throws a failure that a retry may change. */
export async function headOf(
  store: Pick<ChangesHeadStore, 'read'>,
  report: (line: string) => void,
): Promise<ChangesHead | undefined> {
  try {
    return (await store.read())?.head;
  } catch (error) {
    const { kind, message } = asFailure(error);
    if (kind !== 'configuration' && kind !== 'data') throw error;
    report(`planned without what was captured at the source: ${message}`);
    return undefined;
  }
}

/** Undefined if nothing is published, or if the changes do not cover the day. */
export function capturedVerdict(
  captured: ChangesHead | undefined,
  { ds, published }: Pick<DayFacts, 'ds' | 'published'>,
): SourceVerdict | undefined {
  const state = published.get(dataset)?.manifest.source;
  const verdict = verdictOf(captured, state, ds);
  return verdict === 'unknown' ? undefined : verdict;
}
