/** All clusters, in memory and on disk. Removes the logs of clusters and steps that are dropped. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isTerminated, type ClusterRecord } from './cluster.ts';
import { prune } from './cluster-machine.ts';
import { ClusterStore } from './cluster-store.ts';

/** Terminated clusters kept for DescribeCluster. EMR keeps them for two months; here a number limits the disk usage. */
const TERMINATED_CLUSTERS_KEPT = 100;

export class Clusters {
  readonly #records: Map<string, ClusterRecord>;
  readonly #store: ClusterStore;
  readonly #logs: string;
  readonly #listeners: (() => void)[] = [];

  constructor(stateDir: string) {
    this.#store = new ClusterStore(join(stateDir, 'clusters'));
    this.#logs = join(stateDir, 'logs');
    this.#records = new Map(this.#store.load().map((record) => [record.id, record]));
  }

  /** Called after every change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  get(id: string): ClusterRecord | undefined {
    return this.#records.get(id);
  }

  newestFirst(): ClusterRecord[] {
    return [...this.#records.values()].sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Replaces a cluster with the same id and removes its logs. */
  create(record: ClusterRecord): void {
    rmSync(join(this.#logs, record.id), { recursive: true, force: true });
    this.#keep(record);
    const terminated = this.newestFirst().filter(isTerminated);
    for (const { id } of terminated.slice(TERMINATED_CLUSTERS_KEPT)) {
      this.#records.delete(id);
      this.#store.remove(id);
      rmSync(join(this.#logs, id), { recursive: true, force: true });
    }
    this.#changed();
  }

  /** Applies a transition of cluster-machine.ts. @throws on an unknown id: callers look clusters up first. */
  update(id: string, transition: (cluster: ClusterRecord) => ClusterRecord): ClusterRecord {
    const before = this.#records.get(id);
    if (before === undefined) throw new Error(`cluster ${id} is not known`);
    const next = transition(before);
    if (next === before) return before;
    const after = prune(next);
    for (const step of next.steps) {
      if (!after.steps.includes(step)) {
        rmSync(join(this.#logs, id, step.id), { recursive: true, force: true });
      }
    }
    this.#keep(after);
    this.#changed();
    return after;
  }

  #keep(record: ClusterRecord): void {
    this.#store.save(record);
    this.#records.set(record.id, record);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
