import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emrState } from '../../test/emr-state.ts';
import { clusterReady } from '../clusters/cluster-machine.ts';
import { Clusters } from '../clusters/clusters.ts';
import { sharedCluster } from '../clusters/new-cluster.ts';
import { PersistentUis } from '../clusters/persistent-uis.ts';
import { SecurityConfigurations } from '../clusters/security-configurations.ts';
import type { HistoryServerState } from '../spark/history-server.ts';
import { emrOperations } from './operations.ts';

const ID = 'j-TEST';
const TargetResourceArn = `arn:aws:elasticmapreduce:us-east-1:000000000000:cluster/${ID}`;
const url = 'http://127.0.0.1:1234';

let directory: string;
let state: HistoryServerState;
let starts: number;
let call: (name: string, input: Record<string, unknown>) => Record<string, unknown>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'emr-ui-'));
  const clusters = new Clusters(directory);
  clusters.create(clusterReady(sharedCluster(ID, 1000), 2000));
  state = { status: 'STOPPED' };
  starts = 0;
  const operations = emrOperations(
    emrState({
      clusters,
      securityConfigurations: new SecurityConfigurations(directory),
      persistentUis: new PersistentUis(),
      historyServer: {
        get state() {
          return state;
        },
        start: () => {
          starts += 1;
          state = { status: 'STARTING' };
        },
      },
    }),
    'us-east-1',
  );
  const { signal } = new AbortController();
  call = (name, input) => operations[name]?.(input, { signal }) as Record<string, unknown>;
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const create = (more: object = {}): string =>
  String(call('CreatePersistentAppUI', { TargetResourceArn, ...more })['PersistentAppUIId']);
const statusOf = (id: string): unknown =>
  call('DescribePersistentAppUI', { PersistentAppUIId: id })['PersistentAppUI'];
const urlOf = (id: string, more: object = {}): unknown =>
  call('GetPersistentAppUIPresignedURL', { PersistentAppUIId: id, ...more });

describe('the persistent application UI', () => {
  it('starts the history server, is attached once it answers, and then has a link', () => {
    const id = create({ Tags: [{ Key: 'a', Value: 'b' }] });
    expect(id).toMatch(/^p-[0-9A-F]{13}$/);
    expect(starts).toBe(1);
    expect(statusOf(id)).toMatchObject({
      PersistentAppUIId: id,
      PersistentAppUIStatus: 'CREATING',
      PersistentAppUITypeList: ['SHS'],
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    expect(urlOf(id)).toEqual({ PresignedURLReady: false });

    state = { status: 'RUNNING', url };
    expect(statusOf(id)).toMatchObject({ PersistentAppUIStatus: 'ATTACHED' });
    expect(urlOf(id, { PersistentAppUIType: 'SHS' })).toEqual({
      PresignedURLReady: true,
      PresignedURL: `${url}/`,
    });
    expect(urlOf(id, { ApplicationId: 'local-17/../x' })).toMatchObject({
      PresignedURL: `${url}/history/local-17%2F..%2Fx/jobs/`,
    });
  });

  it('has the same id when it is asked for again', () => {
    expect(create()).toBe(create());
  });

  it('says why the history server ended', () => {
    const id = create();
    state = { status: 'FAILED', reason: 'the history server was ended by SIGKILL' };
    expect(statusOf(id)).toMatchObject({
      PersistentAppUIStatus: 'FAILED',
      LastStateChangeReason: 'the history server was ended by SIGKILL',
    });
    expect(urlOf(id)).toEqual({ PresignedURLReady: false });
  });

  it.each([
    ['CreatePersistentAppUI', {}, 'TargetResourceArn'],
    [
      'CreatePersistentAppUI',
      { TargetResourceArn: `${TargetResourceArn}X` },
      "cluster/j-TESTX' is not valid",
    ],
    ['CreatePersistentAppUI', { TargetResourceArn, ProfilerType: 'TEZUI' }, /history server/],
    ['CreatePersistentAppUI', { TargetResourceArn, ProfilerType: 'X' }, 'enum value set'],
    [
      'CreatePersistentAppUI',
      { TargetResourceArn, EMRContainersConfig: { JobRunId: 'x' } },
      'does not support EMR on EKS',
    ],
    ['DescribePersistentAppUI', { PersistentAppUIId: 'p-NONE' }, "'p-NONE' is not valid"],
    ['GetPersistentAppUIPresignedURL', {}, 'PersistentAppUIId'],
    ['GetPersistentAppUIPresignedURL', { PersistentAppUIId: 'p-NONE' }, "'p-NONE' is not valid"],
  ])('refuses %s %j', (operation, input, message) => {
    expect(() => call(operation, input)).toThrow(message);
    expect(starts).toBe(0);
  });
});
