/** A staged day in a bucket in memory, with what `prepareDay` and `publishDay` need, for unit tests. */
import { parseDs } from '@user-behaviour/shared/ds';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { DayNotes } from '@user-behaviour/shared/runner/day-record';
import type { Day, Session } from '@user-behaviour/shared/runner/job';
import { createLog } from '@user-behaviour/shared/runner/log';
import { InMemoryBucket } from './in-memory-bucket.ts';
import { stage } from './staged-reviews.ts';

export const ds = parseDs('2010-12-01');
export const silentLog = createLog('test', 'json', { write: () => undefined }, 'silent');

export async function stagedDay(lines: readonly string[] = [], { force = false } = {}) {
  const bucket = new InMemoryBucket();
  await stage(bucket, ds, { lines });
  const controller = new AbortController();
  const session: Session = {
    parallel: 1,
    wait: 0,
    dryRun: false,
    force,
    flags: new Set(),
    log: silentLog,
    signal: controller.signal,
    now: () => new Date(),
    job: { name: 'emr-clean', version: '0.1.0' },
  };
  const reported: unknown[] = [];
  const day: Day = { ds, run: 'r1', log: silentLog, record: new DayNotes() };
  return {
    bucket,
    day,
    reported,
    stop: () => {
      controller.abort(new Error('stopped'));
    },
    context: {
      where: bucket.where,
      store: new ManifestStore(bucket.client, bucket.name),
      session,
      leases: {
        ...bucket.where,
        owner: 'this-process',
        life: 60_000,
        now: () => new Date(),
        log: silentLog,
      },
      maxRejected: (): number => 0.01,
      patience: 0,
      reportDay: (_: string, result: unknown) => void reported.push(result),
    },
  };
}
