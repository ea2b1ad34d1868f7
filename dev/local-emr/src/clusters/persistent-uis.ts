/** The persistent application UIs, in memory: a new endpoint knows none. All show the same history server. */
import { createHash } from 'node:crypto';

export interface PersistentUi {
  readonly id: string;
  /** As the request gave them. */
  readonly tags: readonly unknown[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export class PersistentUis {
  readonly #known = new Map<string, PersistentUi>();

  get(id: string): PersistentUi | undefined {
    return this.#known.get(id);
  }

  /** The UI of the cluster; a second one has the same id. */
  create(clusterId: string, tags: readonly unknown[], now: number): PersistentUi {
    const hash = createHash('sha256').update(clusterId).digest('hex');
    const id = `p-${hash.slice(0, 13).toUpperCase()}`;
    const ui = { id, tags, createdAt: this.#known.get(id)?.createdAt ?? now };
    this.#known.set(id, ui);
    return ui;
  }
}
