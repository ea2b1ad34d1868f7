/** The ElasticMapReduce operations. They only see requests that fit the API model. */
import type { Operation } from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { checkedOperations } from '@user-behaviour/local-cloud/endpoint/service-model';
import type { Clusters } from '../clusters/clusters.ts';
import { clusterOperations } from './cluster-operations.ts';
import { instanceOperations } from './instance-operations.ts';
import { emrModel } from './model.ts';
import { releaseOperations } from './release-labels.ts';
import { settingOperations } from './setting-operations.ts';
import { stepOperations } from './step-operations.ts';

export const emrOperations = (clusters: Clusters, region: string): Record<string, Operation> =>
  checkedOperations(emrModel, {
    ...clusterOperations(clusters, region),
    ...settingOperations(clusters),
    ...instanceOperations(clusters),
    ...releaseOperations,
    ...stepOperations(clusters),
  });
