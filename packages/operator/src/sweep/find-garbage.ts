/**
 * Finds what a sweep may remove. Leases are read after the manifests: a run that still uses something
 * that no manifest names any more then shows up as the holder of its day.
 */
import type { Ds } from '@user-behaviour/shared/ds';
import { probePrefix, rejectsFolders, runRecordsPrefix } from '@user-behaviour/shared/keys';
import { type Dataset, datasets } from '@user-behaviour/shared/pipeline';
import type { LeasedDay } from '@user-behaviour/emr-clean/live-steps';
import { isHeld, orphanedRuns } from '@user-behaviour/shared/manifest/lease-record';
import {
  type Bucket,
  listObjects,
  type StoredObject,
} from '@user-behaviour/shared/s3/list-objects';
import { readManifests } from '../facts/day-facts.ts';
import { type Inventory, takeInventory } from '../facts/inventory.ts';
import { readLeases } from '../facts/leases.ts';
import type { LedgerRow } from '../facts/ledger.ts';
import {
  isDeadLease,
  isDeadUpload,
  isOlder,
  isOldRecord,
  isOldScript,
  type SweepAges,
} from './sweep-rules.ts';
import { listUploads, uploadActivity } from '../facts/uploads.ts';
import type { Garbage } from './garbage.ts';
import { garbageRuns, type ListedStage, oldRejects, rejectsOf, sum } from './garbage-runs.ts';

export interface Findings {
  readonly garbage: readonly Garbage[];
  /** Unreadable manifests; the sweep touches nothing of their days. */
  readonly unreadable: readonly string[];
}

export async function findGarbage(
  where: Bucket,
  readLedger: () => Promise<ReadonlyMap<Ds, LedgerRow>>,
  ages: SweepAges,
  /** The days of which a run that the lease names may have live steps. */
  stillLive: (days: readonly LeasedDay[]) => Promise<ReadonlySet<Ds>>,
): Promise<Findings> {
  // Manifests are read after the listing, so that a listed run published meanwhile counts as named.
  const listStage = async (dataset: Dataset): Promise<ListedStage> => {
    const inventory = await takeInventory(where, dataset, {});
    return { ...(await readManifests(where, dataset, inventory)), inventory };
  };
  const rejects = new Map<string, Inventory>();
  for (const [dataset, folder] of Object.entries(rejectsFolders)) {
    rejects.set(dataset, await takeInventory(where, folder, {}));
  }
  const uploads = await listUploads(where);
  const scripts = await listFolders(where, 'scripts/');
  const probes = await Promise.all(
    datasets.map((dataset) => listFolders(where, probePrefix(dataset))),
  );
  const sources = await Promise.all([
    listStage('user_purchase/stage'),
    listStage('movie_review/load'),
  ]);
  const clean = await listStage('movie_review/stage');
  const stages = [...sources, clean];
  const ledger = await readLedger();
  const leases = await readLeases(where, clean.inventory);
  const held = new Set(leases.filter(({ body }) => isHeld(body, ages.now)).map(({ ds }) => ds));

  const garbage: Garbage[] = stages.flatMap((stage) => garbageRuns(stage, ledger, held, ages));
  for (const stage of stages) {
    const rejected = rejects.get(stage.dataset);
    if (rejected === undefined) continue;
    const unnamed = garbageRuns(rejectsOf(stage, rejected), ledger, held, ages, 'rejects');
    const alike = new Set(unnamed.map((folder) => folder.where));
    const old = oldRejects(stage.dataset, rejected, held, ages);
    garbage.push(...unnamed, ...old.filter((folder) => !alike.has(folder.where)));
  }
  const named = new Set(
    stages.flatMap(({ published }) =>
      [...published.values()].map(({ manifest }) => String(manifest.parameters['script'] ?? '')),
    ),
  );
  for (const [folder, objects] of scripts) {
    const modified = Math.max(...objects.map((object) => object.modified));
    if (objects.some(({ key }) => named.has(key))) continue;
    if (isOldScript(modified, held.size > 0, ages)) {
      garbage.push({ ...sum(objects), kind: 'script', where: folder, why: 'no manifest names it' });
    }
  }
  for (const [folder, objects] of probes.flatMap((found) => [...found])) {
    const found = sum(objects);
    if (!isOlder(found.modified, ages)) continue;
    garbage.push({ ...found, kind: 'probe', where: folder, why: 'left by doctor' });
  }
  for await (const { key, bytes, modified } of listObjects(where, runRecordsPrefix())) {
    if (!isOldRecord(modified, ages)) continue;
    const why = 'older than KEEP_RECORDS';
    garbage.push({ kind: 'record', where: key, why, objects: 1, bytes, modified });
  }
  for (const upload of uploads) {
    const day = /^movie_review\/\w+\/([\d-]{10})\//.exec(upload.key)?.[1] as Ds | undefined;
    const inHeld = day !== undefined && held.has(day);
    if (!isOurs(upload.key) || !isDeadUpload(upload.initiated, inHeld, ages)) continue;
    const activity = await uploadActivity(where, upload);
    if (activity === undefined || !isDeadUpload(activity.last, inHeld, ages)) continue;
    const { key, uploadId } = upload;
    const { last: modified, bytes } = activity;
    garbage.push({ kind: 'upload', where: key, why: 'never completed', uploadId, bytes, modified });
  }
  const dead = leases.filter(({ body }) => isDeadLease(Date.parse(body.expiresAt), ages));
  const leased = dead.map(({ ds, body }) => ({ ds, runs: orphanedRuns(body) }));
  const live = await stillLive(leased.filter(({ runs }) => runs.length > 0));
  for (const { ds, key, etag, body } of dead) {
    // The next run of the day must cancel these steps, and only the lease tells it so.
    if (live.has(ds)) continue;
    const expiresAt = Date.parse(body.expiresAt);
    garbage.push({ kind: 'lease', where: key, why: `of ${body.run}`, etag, modified: expiresAt });
  }
  const unreadable = stages.flatMap(({ dataset, damage }) =>
    [...damage].flatMap(([ds, what]) =>
      what === 'unreadable manifest' ? [`${dataset} of ${ds}`] : [],
    ),
  );
  return { garbage, unreadable };
}

const roots = [...datasets, ...Object.values(rejectsFolders), 'scripts'];
const isOurs = (key: string): boolean => roots.some((root) => key.startsWith(`${root}/`));

/** Objects by folder, one level below the prefix. */
async function listFolders(where: Bucket, prefix: string) {
  const folders = new Map<string, StoredObject[]>();
  for await (const object of listObjects(where, prefix)) {
    const folder = `${prefix}${object.key.slice(prefix.length).split('/')[0] ?? ''}/`;
    const known = folders.get(folder);
    if (known === undefined) folders.set(folder, [object]);
    else known.push(object);
  }
  return folders;
}
