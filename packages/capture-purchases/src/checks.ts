/** Checks for --check: what the slot needs of the source and of the role, and the pointer's place in the bucket. */
import { changesFolder } from '@user-behaviour/shared/keys';
import { ChangesHeadStore } from '@user-behaviour/shared/changes/changes-head-store';
import { lazily } from '@user-behaviour/shared/lazy';
import { stageOf } from '@user-behaviour/shared/pipeline';
import type {
  CheckResult,
  HealthCheck,
  HealthChecks,
} from '@user-behaviour/shared/runner/health-checks';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import { readingChecks, writingChecks } from '@user-behaviour/shared/s3/bucket-checks';
import type { Client } from 'pg';
import type { CaptureConfiguration } from './config.ts';
import { connectForReplication, paddedColumns } from './source/connection.ts';
import { breakIn, Gap, requireSettingsOf } from './source/chain.ts';
import { readFacts } from './source/facts.ts';
import { requireLogicalLog, requirePublishedTable } from './source/requirements.ts';

const { writes: purchases } = stageOf('extract-purchases');

/** Bytes of log that a slot keeps without anybody being told. */
const muchLog = 2 ** 30;

export function healthChecks(configuration: CaptureConfiguration): HealthChecks {
  const s3 = createS3Client(configuration);
  const bucket = configuration.PIPELINE_BUCKET;
  const store = new ChangesHeadStore({ s3, bucket });
  let opened: Promise<Client> | undefined;
  const client = () => (opened ??= connectForReplication(configuration));
  const facts = lazily(async () => readFacts(await client(), configuration));
  const { CAPTURE_PUBLICATION: publication, CAPTURE_SLOT: slot } = configuration;
  const source: HealthCheck[] = [
    {
      name: 'source: replication',
      run: async () => {
        const found = await facts();
        requireLogicalLog(found);
        return { found: `${found.replica ? 'replica' : 'primary'}, wal_level ${found.wal_level}` };
      },
    },
    {
      name: 'source: columns',
      run: async () => {
        await paddedColumns(await client());
        return { found: 'as expected' };
      },
    },
    {
      name: 'source: publication and identity',
      run: async () => {
        requirePublishedTable(await facts(), publication);
        return { found: `${publication}, identity full` };
      },
    },
    { name: 'source: slot', run: () => checkSlot() },
  ];
  async function checkSlot(): Promise<CheckResult> {
    const found = await facts();
    const stored = await store.read();
    if (stored === undefined) {
      const advice = 'run capture-purchases --reset once';
      return { found: `${store.uri} does not exist`, advice };
    }
    requireSettingsOf(stored.head, found, configuration);
    const why = breakIn(stored.head, found);
    if (why !== undefined) throw new Gap(why);
    const kept = found.slot_facts?.kept ?? 0;
    const text = `${slot}, ${String(Math.round(kept / 2 ** 20))} MiB of log kept`;
    if (kept < muchLog) return { found: text };
    return { found: text, advice: 'run capture-purchases more often, e.g. every 15 minutes' };
  }
  return {
    checks: [
      ...source,
      ...readingChecks(s3, bucket, purchases),
      ...readingChecks(s3, bucket, changesFolder).slice(0, 2),
      ...writingChecks(s3, bucket, changesFolder),
    ],
    async [Symbol.asyncDispose]() {
      s3.destroy();
      await (await opened?.catch(() => undefined))?.end().catch(() => undefined);
    },
  };
}
