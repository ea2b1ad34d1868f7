/** The ElasticMapReduce operations. They only see requests that fit the API model. */
import type { Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { checkedOperations } from '@user-behaviour/local-cloud/endpoint/service-model';
import type { Clusters } from '../clusters/clusters.ts';
import type { PersistentUis } from '../clusters/persistent-uis.ts';
import type { SecurityConfigurations } from '../clusters/security-configurations.ts';
import type { HistoryServer } from '../spark/history-server.ts';
import { clusterOperations } from './cluster-operations.ts';
import { instanceOperations } from './instance-operations.ts';
import { emrModel } from './model.ts';
import { releaseOperations } from './release-labels.ts';
import { securityOperations } from './security-operations.ts';
import { settingOperations } from './setting-operations.ts';
import { stepOperations } from './step-operations.ts';
import { uiOperations } from './ui-operations.ts';

export interface EmrState {
  readonly clusters: Clusters;
  readonly securityConfigurations: SecurityConfigurations;
  readonly persistentUis: PersistentUis;
  readonly historyServer: Pick<HistoryServer, 'start' | 'state'>;
}

export const emrOperations = (state: EmrState, region: string): Record<string, Operation> => {
  const { clusters, securityConfigurations } = state;
  return checkedOperations(emrModel, {
    ...clusterOperations(state, region),
    ...securityOperations(securityConfigurations),
    ...settingOperations(clusters),
    ...instanceOperations(clusters),
    ...releaseOperations,
    ...stepOperations(clusters),
    ...uiOperations(state, region),
  });
};
