/** One run: read what has changed since the pointer, move the pointer, then let the server forget it. */
import type { ChangesHead } from '@user-behaviour/shared/changes/changes-head';
import {
  ChangesHeadStore,
  type StoredHead,
} from '@user-behaviour/shared/changes/changes-head-store';
import type { Ds } from '@user-behaviour/shared/ds';
import { asFailure, Failure } from '@user-behaviour/shared/failure';
import { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import { RunRecord } from '@user-behaviour/shared/run-record/run-record';
import type { ConfigurationOf } from '@user-behaviour/shared/runner/config';
import type { Day, OpenJob, Outcome, Session } from '@user-behaviour/shared/runner/job';
import { createS3Client } from '@user-behaviour/shared/s3/aws-client';
import type { Bucket } from '@user-behaviour/shared/s3/list-objects';
import { withStatementDeadline } from '@user-behaviour/source/deadline';
import type { Client } from 'pg';
import { drain, type Drained, type Part } from './changes/drain.ts';
import { keptDays, nextHead } from './changes/next-head.ts';
import type { CaptureConfiguration, variables } from './config.ts';
import { connectForReplication } from './source/connection.ts';
import { breakIn, Gap, requireSettingsOf } from './source/chain.ts';
import { readFacts, type SourceFacts } from './source/facts.ts';
import { originOf } from './source/requirements.ts';
import { makeSlot } from './source/slot.ts';
import { formatPosition } from './stream/position.ts';

interface Capture {
  readonly configuration: CaptureConfiguration;
  readonly configurationOf: ConfigurationOf<typeof variables>;
  readonly session: Session;
  readonly bucket: Bucket;
  readonly store: ChangesHeadStore;
}

export function open(
  configuration: CaptureConfiguration,
  session: Session,
  configurationOf: ConfigurationOf<typeof variables>,
): Promise<OpenJob> {
  const s3 = createS3Client(configuration);
  const bucket = { s3, bucket: configuration.PIPELINE_BUCKET };
  const store = new ChangesHeadStore(bucket);
  const capture = { configuration, configurationOf, session, bucket, store };
  return Promise.resolve({
    runDay: (day) => (session.dryRun ? Promise.resolve(plan(capture)) : run(day, capture)),
    runRecord: new RunRecord(bucket),
    [Symbol.asyncDispose]() {
      s3.destroy();
      return Promise.resolve();
    },
  });
}

const plan = ({ configuration, session, store }: Capture): Outcome => ({
  status: 'planned',
  slot: configuration.CAPTURE_SLOT,
  publication: configuration.CAPTURE_PUBLICATION,
  resets: session.flags.has('reset'),
  writes: store.uri,
});

async function run(day: Day, capture: Capture): Promise<Outcome> {
  const { configuration, session, store } = capture;
  const client = await connectForReplication(configuration);
  try {
    const previous = await store.read();
    const found = await readFacts(client, configuration);
    return session.flags.has('reset')
      ? await reset(client, previous, found, capture)
      : await advance(day, client, previous, found, capture);
  } finally {
    // Not awaited without end: the server may be gone.
    void client.end().catch(() => undefined);
  }
}

/**
 * Makes the slot, then the pointer: in the other order a kill between them would leave a pointer that claims changes
 * which no slot has. The pointer has a gap until then, so a reset that is killed is one as well, and a run at the same
 * time, which may be sent the changes of the new slot only, cannot move it.
 */
async function reset(
  client: Client,
  found: StoredHead | undefined,
  before: SourceFacts,
  { configuration, session, store }: Capture,
): Promise<Outcome> {
  const { CAPTURE_SLOT: slot, CAPTURE_PUBLICATION: publication } = configuration;
  originOf(before, publication);
  const previous =
    found && (await store.replace(found, { ...found.head, gap: 'a reset was begun' }));
  await makeSlot(client, slot, before, {
    timeout: configuration.SOURCE_STATEMENT_TIMEOUT,
    signal: session.signal,
  });
  // Transactions that begin from here on end after the slot was made.
  const facts = await readFacts(client, configuration);
  const head: ChangesHead = {
    version: 1,
    epoch: (previous?.head.epoch ?? 0) + 1,
    source: originOf(facts, publication),
    slot,
    publication,
    since: { xid: facts.next_xid, at: facts.at },
    position: facts.slot_facts?.confirmed ?? formatPosition(facts.position),
    at: facts.until ?? facts.at,
    days: keptDays(previous?.head, facts),
    undated: 0,
  };
  await store.replace(previous, head);
  return { status: 'published', reset: true, ...factsOf(head) };
}

async function advance(
  day: Day,
  client: Client,
  previous: StoredHead | undefined,
  found: SourceFacts,
  capture: Capture,
): Promise<Outcome> {
  const { configuration, store, bucket } = capture;
  if (previous === undefined) {
    throw new Failure('data', `${store.uri} does not exist: no changes have been captured yet`, {
      action: 'run capture-purchases --reset once, then extract the days again',
    });
  }
  requireSettingsOf(previous.head, found, configuration);
  const manifests = new ManifestStore(bucket.s3, bucket.bucket, 16);
  const days = new Set<Ds>();
  let [stored, changes] = [previous, 0];
  const move = async (part: Part, until: string | null) => {
    stored = await store.replace(stored, await nextHead(stored.head, part, until, manifests));
    for (const ds of part.touched.keys()) days.add(ds);
    changes += part.changes;
  };
  const save = async (part: Part) => {
    await move(part, null);
    day.log.info({ changes, position: stored.head.position }, 'a part of the changes is recorded');
  };
  let drained: Drained;
  try {
    const why = breakIn(previous.head, found);
    if (why !== undefined) throw new Gap(why);
    const publication = configuration.CAPTURE_PUBLICATION;
    // Says the same of the source as before; an older release kept less of it.
    const source = originOf(found, publication);
    stored = { ...previous, head: { ...previous.head, publication, source } };
    drained = await day.record.phase('read the changes', () =>
      drain(client, previous.head, found, { ...capture, save }),
    );
  } catch (error) {
    await markGap(stored, error, store);
    throw error;
  }
  try {
    await move(drained, found.until);
    await acknowledge(drained, day);
    const status = days.size > 0 ? 'published' : 'unchanged';
    return { status, changes, days: [...days].sort(), ...factsOf(stored.head) };
  } finally {
    drained.stream[Symbol.dispose]();
  }
}

/** Milliseconds. Without an acknowledgement the server keeps the changes until the next run; nothing is lost. */
const ackDeadline = 10_000;

/** The pointer stands, so the next run begins after it even if the server has not heard of it. */
async function acknowledge({ stream, position }: Drained, { log }: Day): Promise<void> {
  try {
    await withStatementDeadline('acknowledge the changes', ackDeadline, () =>
      stream.acknowledge(position),
    );
  } catch (error) {
    log.warn(`the changes are recorded, but not acknowledged: ${asFailure(error).message}`);
  }
}

/** Also in the pointer, so that plans do not rely on it. Nothing is acknowledged. */
async function markGap(
  previous: StoredHead,
  error: unknown,
  store: ChangesHeadStore,
): Promise<void> {
  if (!(error instanceof Gap) || previous.head.gap !== undefined) return;
  await store.replace(previous, { ...previous.head, gap: error.why });
}

const factsOf = ({ epoch, position, at, undated, days }: ChangesHead) => ({
  epoch,
  position,
  capturedUntil: at,
  undated,
  daysWithChanges: Object.keys(days).length,
});
