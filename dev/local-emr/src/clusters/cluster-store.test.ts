import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ClusterStore } from './cluster-store.ts';
import { sharedCluster } from './new-cluster.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'emr-store-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

it('loads what was saved last, without what was removed', () => {
  const store = new ClusterStore(directory);
  store.save(sharedCluster('j-A', 1));
  store.save({ ...sharedCluster('j-A', 1), name: 'second' });
  store.save(sharedCluster('j-B', 2));
  store.remove('j-B');
  expect(new ClusterStore(directory).load()).toEqual([
    { ...sharedCluster('j-A', 1), name: 'second' },
  ]);
});

it('ignores and removes an interrupted write', () => {
  const store = new ClusterStore(directory);
  store.save(sharedCluster('j-A', 1));
  writeFileSync(join(directory, 'j-A.json.half'), '{"id":');
  expect(store.load()).toHaveLength(1);
  expect(readdirSync(directory)).toEqual(['j-A.json']);
});

it('names a file that does not contain a cluster', () => {
  writeFileSync(join(directory, 'j-A.json'), '{}');
  expect(() => new ClusterStore(directory).load()).toThrow(join(directory, 'j-A.json'));
});
