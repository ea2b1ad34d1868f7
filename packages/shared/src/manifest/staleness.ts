/** The one rule for when a day's result is stale: jobs act on it, and the operator predicts it. Pure. */
import type { Ds } from '../ds.ts';
import { manifestKey } from '../keys.ts';
import type { Dataset } from '../pipeline.ts';
import type { Manifest } from './manifest.ts';
import { type Published, upstreamOf } from './manifest-store.ts';

export type Parameters = Manifest['parameters'];

/** What a result says about its origin: a manifest's upstream, or what the ledger keeps of it. */
export interface UpstreamRecord {
  readonly key: string;
  readonly run: string;
  /** Recorded by manifests, not by the ledger. */
  readonly etag?: string;
}

export interface Result {
  readonly upstream: readonly UpstreamRecord[];
  readonly parameters?: Parameters;
  /** What is wrong with the result itself, e.g. `files are gone`. */
  readonly damage?: string | undefined;
}

export interface Wanted {
  /** What is published now of each dataset that the stage reads; undefined where nothing is. */
  readonly upstream: readonly (Published | undefined)[];
  /** The settings that would shape the result; undefined where the stage records none. */
  readonly parameters?: Parameters;
}

/** What the ledger says of a load: the run of each dataset that it read, and whether the slice is whole. */
export const loadResult = (
  ds: Ds,
  runs: Readonly<Partial<Record<Dataset, string>>>,
  isWhole: boolean,
): Result => ({
  upstream: Object.entries(runs).map(([dataset, run]) => ({
    key: manifestKey(dataset as Dataset, ds),
    run,
  })),
  damage: isWhole ? undefined : 'the metric differs from its ledger',
});

const entries = (of: Parameters) => JSON.stringify(Object.entries(of).sort());

export const sameParameters = (one: Parameters, other: Parameters): boolean =>
  entries(one) === entries(other);

/** Why the result must be made again, in a few words; undefined when it is current. */
export function whyStale(result: Result | undefined, wanted: Wanted): string | undefined {
  if (result === undefined) return 'missing';
  if (result.damage !== undefined) return `damaged: ${result.damage}`;
  const isMadeFrom = (upstream: Published | undefined) =>
    upstream !== undefined && result.upstream.some((record) => names(record, upstream));
  if (!wanted.upstream.every(isMadeFrom)) return 'stale upstream';
  if (wanted.parameters === undefined) return undefined;
  return parameterChange(result.parameters ?? {}, wanted.parameters);
}

/** A run may be published again after another one; then its ETag tells the two publications apart. */
function names({ key, run, etag }: UpstreamRecord, upstream: Published): boolean {
  const published = upstreamOf(upstream);
  return (
    key === published.key &&
    run === published.run &&
    (etag === undefined || etag === published.etag)
  );
}

function parameterChange(published: Parameters, wanted: Parameters): string | undefined {
  if (sameParameters(published, wanted)) return undefined;
  const names = [...new Set([...Object.keys(published), ...Object.keys(wanted)])];
  const changed = names.filter((name) => published[name] !== wanted[name]);
  if (changed.includes('script')) return 'other script';
  const changes = changed.map((name) => `${name} ${show(published[name])} → ${show(wanted[name])}`);
  return `other parameters: ${changes.join(', ')}`;
}

const show = (value: Parameters[string] | undefined): string =>
  value === undefined ? 'unset' : String(value);
