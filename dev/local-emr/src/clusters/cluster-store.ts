/** One JSON file for each cluster, replaced by a rename, so that a kill leaves either the old or the new state. */
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '@user-behaviour/local-cloud/atomic-file';
import { clusterRecord, type ClusterRecord } from './cluster.ts';

export class ClusterStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** @throws an error that names the file if one does not contain a cluster's state. */
  load(): ClusterRecord[] {
    const names = readdirSync(this.#directory);
    // An interrupted write leaves a temporary file.
    for (const name of names.filter((candidate) => !candidate.endsWith('.json'))) {
      rmSync(join(this.#directory, name));
    }
    return names.filter((name) => name.endsWith('.json')).map((name) => this.#read(name));
  }

  /** Writes synchronously, so that no change is acknowledged before it is on disk. */
  save(record: ClusterRecord): void {
    writeAtomically(this.#file(record.id), JSON.stringify(record));
  }

  remove(id: string): void {
    rmSync(this.#file(id), { force: true });
  }

  #file(id: string): string {
    return join(this.#directory, `${id}.json`);
  }

  #read(name: string): ClusterRecord {
    const file = join(this.#directory, name);
    try {
      return clusterRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch (error) {
      throw new Error(
        `${file} does not contain the state of a cluster; move it away to start without it`,
        {
          cause: error,
        },
      );
    }
  }
}
