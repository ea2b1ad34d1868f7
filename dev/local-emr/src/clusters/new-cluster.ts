/** Clusters as they begin: one that RunJobFlow asks for, and the standing one of the local cloud. */
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

/** The cluster that `.env.local` names: always there, one step at a time, as a new EMR cluster is by default. */
export function standingCluster(id: string, now: number): ClusterRecord {
  return {
    id,
    name: 'local-cloud',
    state: 'STARTING',
    stepConcurrencyLevel: 1,
    keepAlive: true,
    terminationProtected: false,
    // The release whose Spark is the one that runs here.
    releaseLabel: 'emr-7.13.0',
    applications: ['Hadoop', 'Spark'],
    tags: [],
    createdAt: now,
    steps: [],
  };
}
