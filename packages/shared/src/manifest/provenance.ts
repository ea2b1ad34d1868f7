/** What a result was made from: the rule that jobs go by, and that the operator tells beforehand. */
import type { Manifest } from './manifest.ts';
import { type Published, upstreamOf } from './manifest-store.ts';

type Parameters = Manifest['parameters'];

const entries = (of: Parameters) => JSON.stringify(Object.entries(of).sort());

export const sameParameters = (one: Parameters, other: Parameters): boolean =>
  entries(one) === entries(other);

/** Whether the result was made from just this publication of its one upstream. */
export function isMadeFrom({ manifest }: Published, upstream: Published): boolean {
  const [made] = manifest.upstream;
  const { key, etag } = upstreamOf(upstream);
  return made?.key === key && made.etag === etag;
}
