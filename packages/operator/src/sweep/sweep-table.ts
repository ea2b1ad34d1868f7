/** What a sweep found and did, as text. */
import { Failure } from '@user-behaviour/shared/failure';
import type { Removal } from './sweep-apply.ts';
import { formatTable } from '../table.ts';
import { sayAge } from '../time-span.ts';
import type { Garbage } from './garbage.ts';

/** One line per item, with the outcome of its removal if there was one. */
export function sweepTable(
  garbage: readonly Garbage[],
  now: number,
  removals: readonly Removal[] = [],
): string {
  const outcomes = new Map(removals.map(({ garbage: item, outcome }) => [item, outcome]));
  const columns = ['what', 'where', 'why', 'objects', 'bytes', 'idle'];
  const rows = garbage.map((item) => {
    const outcome = outcomes.get(item);
    return [
      item.kind,
      item.where,
      item.why,
      'objects' in item ? item.objects : undefined,
      'bytes' in item ? item.bytes : undefined,
      sayAge(now - item.modified),
      ...(outcome === undefined ? [] : [outcome instanceof Failure ? 'FAILED' : outcome]),
    ];
  });
  return formatTable(removals.length === 0 ? columns : [...columns, 'outcome'], rows);
}

/** e.g. `3 runs, 1 lease: 12 objects, 4096 bytes`. */
export function sweepTotals(garbage: readonly Garbage[]): string {
  const kinds = ['run', 'rejects', 'script', 'trial', 'upload', 'lease'] as const;
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
