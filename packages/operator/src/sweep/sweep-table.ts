/** What a sweep found and did, as text. */
import { Failure } from '@user-behaviour/shared/failure';
import type { Removal } from './sweep-apply.ts';
import type { Output } from '../output.ts';
import { formatTable } from '../table.ts';
import { formatAge } from '../time-span.ts';
import type { Garbage } from './garbage.ts';

/** `removals` are those of a sweep that removes, undefined for one that only shows. */
export const sweepOutput = (
  garbage: readonly Garbage[],
  now: number,
  removals?: readonly Removal[],
): Output => {
  const outcomes = outcomesOf(removals);
  return {
    text: () => (garbage.length === 0 ? 'nothing to sweep' : sweepTable(garbage, now, removals)),
    json: () => ({
      applied: removals !== undefined,
      garbage: garbage.map((item) => ({
        kind: item.kind,
        where: item.where,
        why: item.why,
        objects: 'objects' in item ? item.objects : null,
        bytes: 'bytes' in item ? item.bytes : null,
        modifiedAt: new Date(item.modified).toISOString(),
        outcome: outcomes.get(item) ?? null,
      })),
    }),
  };
};

const outcomesOf = (removals: readonly Removal[] = []): ReadonlyMap<Garbage, string> =>
  new Map(
    removals.map(({ garbage, outcome }) => [
      garbage,
      outcome instanceof Failure ? 'FAILED' : outcome,
    ]),
  );

/** One line per item, with the outcome of its removal if there was one. */
function sweepTable(
  garbage: readonly Garbage[],
  now: number,
  removals: readonly Removal[] = [],
): string {
  const outcomes = outcomesOf(removals);
  const columns = ['what', 'where', 'why', 'objects', 'bytes', 'idle'];
  const rows = garbage.map((item) => {
    const outcome = outcomes.get(item);
    return [
      item.kind,
      item.where,
      item.why,
      'objects' in item ? item.objects : undefined,
      'bytes' in item ? item.bytes : undefined,
      formatAge(now - item.modified),
      ...(outcome === undefined ? [] : [outcome]),
    ];
  });
  return formatTable(removals.length === 0 ? columns : [...columns, 'outcome'], rows);
}

/** e.g. `3 runs, 1 lease: 12 objects, 4096 bytes`. */
export function sweepTotals(garbage: readonly Garbage[]): string {
  const kinds = ['run', 'rejects', 'script', 'probe', 'record', 'upload', 'lease'] as const;
  const counts = kinds.flatMap((kind) => {
    const count = garbage.filter((item) => item.kind === kind).length;
    const plural = count === 1 || kind === 'rejects' ? kind : `${kind}s`;
    return count === 0 ? [] : [`${String(count)} ${plural}`];
  });
  const objects = garbage.reduce((sum, item) => sum + ('objects' in item ? item.objects : 0), 0);
  const bytes = garbage.reduce((sum, item) => sum + ('bytes' in item ? item.bytes : 0), 0);
  if (counts.length === 0) return 'nothing';
  return `${counts.join(', ')}: ${String(objects)} objects, ${String(bytes)} bytes`;
}
