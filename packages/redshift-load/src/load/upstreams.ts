/** The inputs of a day's load: the published purchases and cleaned reviews. */
import type { Ds } from '@user-behaviour/shared/ds';
import { Failure } from '@user-behaviour/shared/failure';
import type { ManifestStore, Published } from '@user-behaviour/shared/manifest/manifest-store';

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
