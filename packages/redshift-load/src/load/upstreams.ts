/** The inputs of a day's load: the published purchases and cleaned reviews. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import { inputOf } from '@user-behaviour/shared/lineage/read-input';
import type { ManifestStore, Published } from '@user-behaviour/shared/manifest/manifest-store';
import type { Day } from '@user-behaviour/shared/runner/job';
import type { Warehouse } from '../load-days.ts';

export interface Upstreams {
  readonly purchases: Published;
  readonly reviews: Published;
}

/** A missing upstream is reported once the other one has been looked for, too; any other failure at once. */
function unlessMissing(error: unknown): Failure {
  if (error instanceof Failure && error.kind === 'not-ready') return error;
  throw error;
}

/** Waits for both. @throws a not-ready failure that names all that is missing. */
export async function readUpstreams(
  ds: Ds,
  store: Pick<ManifestStore, 'require'>,
  wait: Parameters<ManifestStore['require']>[2],
): Promise<Upstreams> {
  const [purchases, reviews] = await Promise.all([
    store.require('user_purchase/stage', ds, wait).catch(unlessMissing),
    store.require('movie_review/stage', ds, wait).catch(unlessMissing),
  ]);
  if (!(purchases instanceof Failure) && !(reviews instanceof Failure)) {
    return { purchases, reviews };
  }
  const missing = [purchases, reviews].filter((one) => one instanceof Failure);
  throw new Failure('not-ready', missing.map(({ message }) => message).join('; '));
}

/** As `readUpstreams`, as long as the session allows; notes what was read. */
export async function upstreamsOf(
  { ds, record }: Day,
  {
    store,
    session: { wait, signal },
    serverTime,
  }: Pick<Warehouse, 'store' | 'session' | 'serverTime'>,
): Promise<Upstreams> {
  // Who does not wait takes what there is.
  const patience = wait > 0 ? { wait, signal, serverTime } : { wait, signal };
  const upstreams = await readUpstreams(ds, store, patience);
  const manifests = Object.values(upstreams).map(({ manifest }: Published) => manifest);
  record.note({ inputs: manifests.map(inputOf) });
  return upstreams;
}

/** A manifest that has only learned something new of its source has the same files. */
export const sameUpstreams = (one: Upstreams, other: Upstreams): boolean =>
  filesOf(one) === filesOf(other);

const filesOf = (upstreams: Upstreams): string =>
  Object.values(upstreams)
    .map(({ manifest: { run, generation } }: Published) => `${run} ${String(generation)}`)
    .join();
