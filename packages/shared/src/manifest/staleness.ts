/** The rule for when a day's result is stale. Jobs act on it, and the operator predicts it. */
import type { Ds } from '../ds.ts';
import { manifestKey } from '../keys.ts';
import type { Dataset } from '../pipeline.ts';
import { type Manifest, shapingParameters } from './manifest.ts';
import { type Published, upstreamOf } from './manifest-store.ts';

export type Parameters = Manifest['parameters'];

/** One input of a result, as a manifest or the ledger records it. */
export interface UpstreamRecord {
  readonly key: string;
  readonly run: string;
  /** Only manifests record it. */
  readonly etag?: string;
}

export interface Result {
  readonly upstream: readonly UpstreamRecord[];
  /** Undefined if nobody has recorded them: then they are no reason. */
  readonly parameters?: Parameters;
  /** Rejected rows by reason. */
  readonly rejected?: Manifest['rejected'];
  /** What is wrong with the stored result, e.g. `files are gone`. */
  readonly damage?: string | undefined;
  /** The source was read before the day was over, and the day is over now. */
  readonly isPartial?: boolean;
}

export interface Wanted {
  /** What is published now of each dataset that the stage reads. */
  readonly upstream: readonly (Published | undefined)[];
  /** Today's settings; undefined if the stage records none. */
  readonly parameters?: Parameters;
}

/**
 * The result of a load: the run that it read of each dataset, the SQL that made it, if the ledger knows it, and
 * whether the metric matches the ledger.
 */
export const loadResult = (
  ds: Ds,
  runs: Readonly<Partial<Record<Dataset, string>>>,
  { isWhole, loadSql }: { readonly isWhole: boolean; readonly loadSql: string | null },
): Result => ({
  upstream: Object.entries(runs).map(([dataset, run]) => ({
    key: manifestKey(dataset as Dataset, ds),
    run,
  })),
  ...(loadSql !== null && { parameters: { loadSql } }),
  damage: isWhole ? undefined : 'the metric differs from its ledger',
});

const entries = (of: Parameters) => JSON.stringify(Object.entries(of).sort());

export const sameParameters = (one: Parameters, other: Parameters): boolean =>
  entries(one) === entries(other);

/** Why the result must be made again, in a few words; undefined if it is current. */
export function whyStale(result: Result | undefined, wanted: Wanted): string | undefined {
  if (result === undefined) return 'missing';
  if (result.damage !== undefined) return `damaged: ${result.damage}`;
  if (result.isPartial === true) return 'partial day';
  const isMadeFrom = (upstream: Published | undefined) =>
    upstream !== undefined && result.upstream.some((record) => matches(record, upstream));
  if (!wanted.upstream.every(isMadeFrom)) return 'upstream changed';
  if (wanted.parameters === undefined || result.parameters === undefined) return undefined;
  const shaping = (of: Parameters) => shapingParameters(of, result.rejected);
  return parameterChange(shaping(result.parameters), shaping(wanted.parameters));
}

/** The ETag distinguishes two publications of the same run with another run between them. */
function matches({ key, run, etag }: UpstreamRecord, upstream: Published): boolean {
  const published = upstreamOf(upstream);
  return (
    key === published.key &&
    run === published.run &&
    (etag === undefined || etag === published.etag)
  );
}

/** The metric is computed in another way than when the day was loaded. */
export const otherSql = 'other SQL';

function parameterChange(published: Parameters, wanted: Parameters): string | undefined {
  if (sameParameters(published, wanted)) return undefined;
  const names = [...new Set([...Object.keys(published), ...Object.keys(wanted)])];
  const changed = names.filter((name) => published[name] !== wanted[name]);
  if (changed.includes('script')) return 'script changed';
  if (changed.includes('loadSql')) return otherSql;
  const changes = changed.map((name) => `${name} ${show(published[name])} → ${show(wanted[name])}`);
  return `parameters changed: ${changes.join(', ')}`;
}

const show = (value: Parameters[string] | undefined): string =>
  value === undefined ? 'unset' : String(value);
