/** Whether a day without rows is unusual, by what is published of the same weekday of the weeks before. */
import { withDeadline } from '../deadline.ts';
import { type Ds, weeksBefore } from '../ds.ts';
import { Failure } from '../failure.ts';
import { type Dataset, producerOf } from '../pipeline.ts';
import type { ManifestStore } from './manifest-store.ts';
import { partialUntil } from './partial-day.ts';

const weeks = [1, 2, 3, 4];
/** Days that must be published before their rows are called usual. */
const fewest = 2;
/** Milliseconds. */
const patience = 10_000;

/**
 * A warning if at least two of the four same weekdays before are published, and all of these have rows. Days that
 * were not over when they were read do not count. Ask it only of a day without rows: it makes four requests. If
 * they fail, there is no warning.
 */
export async function warningOfEmptyDay(
  store: Pick<ManifestStore, 'read'>,
  dataset: Dataset,
  ds: Ds,
): Promise<string | undefined> {
  const read = (week: number) =>
    withDeadline(patience, noAnswer, () => store.read(dataset, weeksBefore(ds, week)));
  const results = await Promise.allSettled(weeks.map(read));
  const rows = results
    .map((result) => (result.status === 'fulfilled' ? result.value?.manifest : undefined))
    .filter((manifest) => manifest !== undefined && partialUntil(manifest) === undefined)
    .map((manifest) => manifest?.totals.rows ?? 0);
  if (rows.length < fewest || rows.includes(0)) return undefined;
  const unit = producerOf(dataset).rows;
  const weekday = new Date(ds).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
  return `a ${weekday} without ${unit}: the ${weekday}s of the weeks before had ${rows.join(', ')}; check the source, and run the day again if rows come later`;
}

const noAnswer = () => new Failure('transient', 'no answer');
