import { parseDs } from '@user-behaviour/shared/ds';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import { expect, it } from 'vitest';
import type { Damage } from '../facts/day-facts.ts';
import { garbageRuns, type ListedStage, oldRejects } from './garbage-runs.ts';

const ds = parseDs('2010-12-01');
const dataset = 'user_purchase/stage';
const ages = { now: 10_000, older: 0, keep: 0 };

const manifest = completeManifest(
  {
    ...{ dataset, ds, run: 'published', job: { name: 'j', version: '1' } },
    ...{ parameters: {}, upstream: [], files: [] },
    ...{ startedAt: new Date(0), finishedAt: new Date(0) },
  },
  1,
);

/** A day whose listing shows a pointer and the run `dead`; `etag` is that of the manifest read later. */
function stage(etag: string, damage: readonly (readonly [typeof ds, Damage])[] = []): ListedStage {
  const object = (key: string) => ({ key, bytes: 1, etag: '"listed"', modified: 0 });
  const day = {
    manifest: object(`${dataset}/${ds}/_manifest.json`),
    lease: undefined,
    runs: new Map([['dead', [object(`${dataset}/${ds}/dead/file`)]]]),
  };
  return {
    dataset,
    days: [ds],
    inventory: new Map([[ds, day]]),
    published: damage.length > 0 ? new Map() : new Map([[ds, { manifest, etag }]]),
    damage: new Map(damage),
  };
}

const runs = (listed: ListedStage) =>
  garbageRuns(listed, new Map(), new Set(), ages).map(({ where }) => where);

it('a run that no manifest names is garbage', () => {
  expect(runs(stage('"listed"'))).toEqual([`${dataset}/${ds}/dead/`]);
});

it('no run is garbage on a day whose manifest moved after the listing', () => {
  expect(runs(stage('"moved"'))).toEqual([]);
});

it('no run is garbage on a day whose manifest cannot be read', () => {
  expect(runs(stage('', [[ds, 'unreadable manifest']]))).toEqual([]);
});

it('rejects past their time are garbage, whatever their run, unless the day is held', () => {
  const { inventory } = stage('"listed"');
  const kept = { ...ages, keepRejects: 5_000 };
  const where = (held: ReadonlySet<typeof ds>) =>
    oldRejects(dataset, inventory, held, kept).map((folder) => [
      folder.where,
      folder.why,
      folder.of,
    ]);
  expect(where(new Set())).toEqual([
    [`user_purchase/rejects/${ds}/dead/`, 'older than KEEP_REJECTS', undefined],
  ]);
  expect(where(new Set([ds]))).toEqual([]);
  expect(oldRejects(dataset, inventory, new Set(), { ...ages, keepRejects: 20_000 })).toEqual([]);
});
