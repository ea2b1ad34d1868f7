/** Counts lost and doubled rows over many comparisons of multisets. */
import type { Counts } from '../counts.ts';

export class RowTally {
  #lost = 0;
  #doubled = 0;

  /** @returns whether the multisets are equal. */
  compare(expected: Iterable<string>, found: Iterable<string>): boolean {
    const missing = new Map<string, number>();
    for (const row of expected) missing.set(row, (missing.get(row) ?? 0) + 1);
    for (const row of found) missing.set(row, (missing.get(row) ?? 0) - 1);
    let equal = true;
    for (const times of missing.values()) {
      equal &&= times === 0;
      this.#lost += Math.max(times, 0);
      this.#doubled += Math.max(-times, 0);
    }
    return equal;
  }

  get counts(): Counts & { readonly 'lost rows': number; readonly 'doubled rows': number } {
    return { 'lost rows': this.#lost, 'doubled rows': this.#doubled };
  }
}
