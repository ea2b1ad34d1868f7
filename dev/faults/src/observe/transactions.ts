/** Transactions on PostgreSQL, interleaved statement by statement under a seed. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createRandom } from '@user-behaviour/sample/random';

export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

export interface TransactionEnd {
  /** Serialization failures after which it was run again as a whole. */
  readonly conflicts: number;
  /** The SQLSTATE that ended it for good. */
  readonly refused: string | undefined;
}

const serializationFailures = new Set(['40001', '40P01']);

class Transaction {
  readonly #client: pg.Client;
  readonly #statements: readonly string[];
  #next = 0;
  conflicts = 0;
  refused: string | undefined;
  over = false;
  /** Sent and not answered: it works, or waits for another's lock. */
  busy = false;

  constructor(client: pg.Client, isolation: Isolation, statements: readonly string[]) {
    this.#client = client;
    this.#statements = [`begin isolation level ${isolation}`, ...statements, 'commit'];
  }

  async step(): Promise<void> {
    this.busy = true;
    try {
      await this.#client.query(this.#statements[this.#next] ?? '');
      this.#next += 1;
      this.over = this.#next === this.#statements.length;
    } catch (error) {
      const { code = '' } = error as { readonly code?: string };
      await this.#client.query('rollback');
      this.#next = 0;
      if (serializationFailures.has(code)) this.conflicts += 1;
      else {
        this.refused = code;
        this.over = true;
      }
    } finally {
      this.busy = false;
    }
  }
}

/** Milliseconds after which a statement without an answer counts as waiting for a lock. */
const patience = 15;

export async function interleave(
  url: string,
  isolation: Isolation,
  batches: readonly (readonly string[])[],
  seed: number,
): Promise<readonly TransactionEnd[]> {
  const random = createRandom(seed, 'transactions');
  const clients = batches.map(() => new pg.Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  try {
    const all = clients.map((client, at) => new Transaction(client, isolation, batches[at] ?? []));
    const steps = new Set<Promise<void>>();
    while (all.some(({ over }) => !over)) {
      const ready = all.filter(({ over, busy }) => !over && !busy);
      if (ready.length === 0) {
        await Promise.race(steps);
        continue;
      }
      const step = random
        .pick(ready)
        .step()
        .finally(() => steps.delete(step));
      steps.add(step);
      await Promise.race([step, pause(patience)]);
    }
    return all.map(({ conflicts, refused }) => ({ conflicts, refused }));
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}
