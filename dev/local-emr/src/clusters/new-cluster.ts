/** The initial records of clusters: those of RunJobFlow, and the local cloud's shared cluster. */
import type * as z from 'zod';
import type { ClusterRecord } from './cluster.ts';
import type { runJobFlow } from '../api/requests.ts';
import { newId } from '../steps/step-admission.ts';

/** STARTING, without steps. */
export function newCluster(request: z.output<typeof runJobFlow>, now: number): ClusterRecord {
  return {
    id: newId('j'),
    name: request.Name,
    state: 'STARTING',
    stepConcurrencyLevel: request.StepConcurrencyLevel,
    keepAlive: request.Instances.KeepJobFlowAliveWhenNoSteps,
    terminationProtected: request.Instances.TerminationProtected,
    idleTimeoutSeconds: request.AutoTerminationPolicy?.IdleTimeout,
    releaseLabel: request.ReleaseLabel,
    applications: request.Applications.flatMap(({ Name }) => Name ?? []),
    logUri: request.LogUri,
    serviceRole: request.ServiceRole,
    tags: request.Tags,
    createdAt: now,
    steps: [],
  };
}

/** The cluster in `.env.local`. It always exists and runs one step at a time, the default of EMR. */
export function sharedCluster(id: string, now: number): ClusterRecord {
  return {
    id,
    name: 'local-cloud',
    state: 'STARTING',
    stepConcurrencyLevel: 1,
    keepAlive: true,
    terminationProtected: false,
    // The release with the Spark version that runs here.
    releaseLabel: 'emr-7.13.0',
    applications: ['Hadoop', 'Spark'],
    tags: [],
    createdAt: now,
    steps: [],
  };
}
