import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ClusterStore } from './cluster-store.ts';
import { standingCluster } from './new-cluster.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'emr-store-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

it('gives back what was saved last, without what was removed', () => {
  const store = new ClusterStore(directory);
  store.save(standingCluster('j-A', 1));
  store.save({ ...standingCluster('j-A', 1), name: 'second' });
  store.save(standingCluster('j-B', 2));
  store.remove('j-B');
  expect(new ClusterStore(directory).load()).toEqual([
    { ...standingCluster('j-A', 1), name: 'second' },
  ]);
});

it('ignores and clears away a write that was cut off', () => {
  const store = new ClusterStore(directory);
  store.save(standingCluster('j-A', 1));
  writeFileSync(join(directory, 'j-A.json.half'), '{"id":');
  expect(store.load()).toHaveLength(1);
  expect(readdirSync(directory)).toEqual(['j-A.json']);
});

it('names a file that holds no cluster', () => {
  writeFileSync(join(directory, 'j-A.json'), '{}');
  expect(() => new ClusterStore(directory).load()).toThrow(join(directory, 'j-A.json'));
});
