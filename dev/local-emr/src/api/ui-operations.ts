/** The persistent application UI of a cluster: Spark's history server, which starts with the first request for one. */
import type { Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import type { PersistentUi } from '../clusters/persistent-uis.ts';
import { parseRequest, wrongInput, type OperationName } from './model.ts';
import type { EmrState } from './operations.ts';
import { clusterArn, seconds } from './replies.ts';
import * as requests from './requests.ts';

/** Clients of EMR wait for ATTACHED. EMR's documentation names no state. */
const states = {
  STOPPED: 'STOPPED',
  STARTING: 'CREATING',
  RUNNING: 'ATTACHED',
  FAILED: 'FAILED',
} as const;

export function uiOperations(
  { clusters, persistentUis, historyServer }: EmrState,
  region: string,
): Record<string, Operation> {
  const uiOf = (operation: OperationName, id: string): PersistentUi => {
    const ui = persistentUis.get(id);
    if (ui === undefined) {
      throw wrongInput(operation, `Persistent application UI id '${id}' is not valid.`);
    }
    return ui;
  };
  return {
    CreatePersistentAppUI: (input) => {
      const operation = 'CreatePersistentAppUI';
      const { TargetResourceArn, Tags } = parseRequest(operation, requests.createUi, input);
      const target = clusters
        .newestFirst()
        .find(({ id }) => clusterArn(id, region) === TargetResourceArn);
      if (target === undefined) {
        throw wrongInput(operation, `Target resource ARN '${TargetResourceArn}' is not valid.`);
      }
      historyServer.start();
      const { id } = persistentUis.create(target.id, Tags, Date.now());
      return { PersistentAppUIId: id, RuntimeRoleEnabledCluster: false };
    },

    DescribePersistentAppUI: (input) => {
      const operation = 'DescribePersistentAppUI';
      const { PersistentAppUIId } = parseRequest(operation, requests.ofUi, input);
      const { id, tags, createdAt } = uiOf(operation, PersistentAppUIId);
      const { state } = historyServer;
      return {
        PersistentAppUI: {
          PersistentAppUIId: id,
          PersistentAppUITypeList: ['SHS'],
          PersistentAppUIStatus: states[state.status],
          LastStateChangeReason: state.status === 'FAILED' ? state.reason : undefined,
          CreationTime: seconds(createdAt),
          LastModifiedTime: seconds(createdAt),
          Tags: tags,
        },
      };
    },

    GetPersistentAppUIPresignedURL: (input) => {
      const operation = 'GetPersistentAppUIPresignedURL';
      const request = parseRequest(operation, requests.uiUrl, input);
      uiOf(operation, request.PersistentAppUIId);
      const { state } = historyServer;
      if (state.status !== 'RUNNING') return { PresignedURLReady: false };
      const { ApplicationId: id } = request;
      const page = id === undefined ? '' : `history/${encodeURIComponent(id)}/jobs/`;
      return { PresignedURLReady: true, PresignedURL: `${state.url}/${page}` };
    },
  };
}
