import { Semaphore } from '@user-behaviour/shared/concurrency';
import { type Ds, parseDs } from '@user-behaviour/shared/ds';
import { completeManifest } from '@user-behaviour/shared/manifest/manifest';
import type { ManifestStore } from '@user-behaviour/shared/manifest/manifest-store';
import type { Dataset } from '@user-behaviour/shared/pipeline';
import type { Outcome, Session } from '@user-behaviour/shared/runner/job';
import { createLog } from '@user-behaviour/shared/runner/log';
import { expect, it } from 'vitest';
import type { DataApi } from './data-api/client.ts';
import type { Submission } from './data-api/request.ts';
import { loadDays } from './load-days.ts';

const log = createLog('test', 'json', { write: () => undefined }, 'silent');
const ds = parseDs('2010-12-01');
const history = parseDs('2010-01-01');

/** Loads one day while other runs publish its upstreams again during each of the first `disturbed` loads. */
async function loadDisturbed(disturbed: number) {
  const submitted: string[] = [];
  const loads = () => submitted.filter((name) => name.includes('/load-'));
  const api = {
    ask: () => Promise.resolve([]),
    list: () => Promise.resolve([]),
    rows: () => Promise.resolve([{ metric_rows: '3' }]),
    run({ name }: Submission) {
      submitted.push(name);
      return Promise.resolve('id');
    },
  } as unknown as DataApi;
  const store = {
    require(dataset: Dataset, day: Ds) {
      const generation = 1 + Math.min(loads().length, disturbed);
      const draft = {
        dataset,
        ds: day,
        run: `r${String(generation)}`,
        job: { name: 'j', version: '1' },
        parameters: { minQuantity: 2 },
        upstream: [],
        files: [],
        startedAt: new Date(0),
        finishedAt: new Date(0),
      };
      const manifest = completeManifest(draft, generation);
      return Promise.resolve({ manifest, etag: `"${String(generation)}"` });
    },
  } as unknown as ManifestStore;
  const reports: (Outcome | { readonly error: unknown })[] = [];
  await loadDays([{ ds, run: 'r', log }], (_, result) => reports.push(result), {
    api,
    store,
    bucket: 'stages',
    historyStart: history,
    session: { flags: new Set(), wait: 0 } as unknown as Session,
    loads: new Semaphore(1),
    prepare: () => Promise.resolve(),
  });
  return { reports, loads: loads().map((name) => name.split('/').at(-1)) };
}

it('a day whose upstreams change during a load is loaded again, from the new ones', async () => {
  const { reports, loads } = await loadDisturbed(1);
  expect(loads).toEqual(['load-1', 'load-2']);
  expect(reports).toMatchObject([{ status: 'loaded', rows: 3 }]);
});

it('is given up as transient after five rounds', async () => {
  const { reports, loads } = await loadDisturbed(Infinity);
  expect(loads).toEqual(['load-1', 'load-2', 'load-3', 'load-4', 'load-5']);
  expect(reports).toMatchObject([{ error: { kind: 'transient' } }]);
  expect(String((reports[0] as { error: Error }).error)).toContain('given up after 5 rounds');
});
