/** What capture-purchases has recorded of each day, if it runs: then a plan need not read the source. */
import { type ChangesHead, verdictOf } from '@user-behaviour/shared/changes/changes-head';
import { ChangesHeadStore } from '@user-behaviour/shared/changes/changes-head-store';
import { headIfReadable } from '@user-behaviour/shared/changes/known-changes';
import type { SourceVerdict } from '@user-behaviour/shared/manifest/source-state';
import { stageOf } from '@user-behaviour/shared/pipeline';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { OperatorConfiguration } from '../config.ts';
import type { DayFacts } from '../facts/day-facts.ts';
import { formatAge, formatTime } from '../time-span.ts';

const { writes: dataset } = stageOf('extract-purchases');

/** Undefined without capture, and with a warning if the pointer may not or cannot be read: then a plan knows less. */
export async function readCapturedChanges(
  configuration: OperatorConfiguration,
  report: (line: string) => void,
): Promise<ChangesHead | undefined> {
  const s3 = createS3Client(configuration);
  try {
    const store = new ChangesHeadStore({ s3, bucket: configuration.PIPELINE_BUCKET });
    return await headIfReadable(store, (why) => {
      report(`without what was captured at the source: ${why}`);
    });
  } finally {
    s3.destroy();
  }
}

/** For people: until when a plan knows the changes. Undefined without capture. */
export function tellCaptured(head: ChangesHead | undefined, now: Date): string | undefined {
  if (head === undefined) return undefined;
  const at = new Date(head.at);
  const until = `changes at the source are captured until ${formatTime(at)}, ${formatAge(now.getTime() - at.getTime())} ago`;
  return head.gap === undefined ? until : `${until}, with a gap: ${head.gap}`;
}

/** A change that either of them has seen, or else what the look says. */
export const atSource = (
  looked: SourceVerdict | undefined,
  captured: SourceVerdict | undefined,
): SourceVerdict | undefined => (captured === 'changed' ? captured : (looked ?? captured));

/** Undefined if nothing is published, or if the changes do not cover the day. */
export function capturedVerdict(
  captured: ChangesHead | undefined,
  { ds, published }: Pick<DayFacts, 'ds' | 'published'>,
): SourceVerdict | undefined {
  const state = published.get(dataset)?.manifest.source;
  const verdict = verdictOf(captured, state, ds);
  return verdict === 'unknown' ? undefined : verdict;
}
