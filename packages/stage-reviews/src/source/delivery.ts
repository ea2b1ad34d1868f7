/** Tells a delivery that has ended from one that has not begun or still goes on, and waits for its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@user-behaviour/shared/failure';
import type { Log } from '@user-behaviour/shared/runner/log';
import { waitFor } from '@user-behaviour/shared/waiting';
import type { Look, ReviewsSource } from './reviews-source.ts';

export interface Delivery {
  readonly source: ReviewsSource;
  /** The vendor writes it after the file. */
  readonly marker?: ReviewsSource | undefined;
  /** In ms. A file that has changed less than this long ago must look the same after as long again. */
  readonly settle: number;
}

interface Waiting {
  /** In ms; 0 looks once. */
  readonly wait: number;
  readonly signal: AbortSignal;
}

/**
 * Waits for the end of the delivery and returns what is there then, or throws a not-ready failure. An empty
 * file counts as not delivered while there is time to wait; otherwise it is returned, and is wrong data.
 */
export async function delivered(
  delivery: Delivery,
  { wait, signal }: Waiting,
  log: Log,
): Promise<Look> {
  const { name } = delivery.source;
  let reason: string | undefined;
  const poll = async () => {
    const seen = await lookTwice(delivery, { wait, signal });
    if (typeof seen !== 'string') return seen;
    if (seen !== reason && wait > 0) log.info(`waiting for the reviews file ${name}: it ${seen}`);
    reason = seen;
    return undefined;
  };
  const found = await waitFor(poll, { signal, timeout: wait, minPause: 500 });
  if (found !== undefined) return found;
  throw new Failure('not-ready', `the reviews file ${name} ${reason ?? 'does not exist'}`, {
    action: "wait for the vendor's delivery, or correct REVIEWS_SOURCE or REVIEWS_READY",
  });
}

/** Looks at the file, a second time if it has just changed. Returns why it is not delivered, in words. */
async function lookTwice(
  { source, marker, settle }: Delivery,
  { wait, signal }: Waiting,
): Promise<Look | string> {
  // The marker first: what is there after it is complete.
  if (marker !== undefined && (await marker.look()) === undefined) {
    return `has no marker ${marker.name}`;
  }
  const found = await source.look();
  if (found === undefined) return 'does not exist';
  if (found.bytes === 0 && wait > 0) return 'is empty';
  if (!hasJustChanged(found, settle)) return found;
  await sleep(settle, undefined, { signal });
  const again = await source.look();
  return again?.version === found.version ? again : 'is still being written';
}

/** A time in the future is one of another clock, and says nothing. */
const hasJustChanged = ({ changedAt }: Look, settle: number): boolean =>
  changedAt !== undefined && Date.now() - changedAt < settle;
