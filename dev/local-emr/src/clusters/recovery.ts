/** Recovers, at start, the steps that were running when the previous endpoint died. */
import type { Clusters } from './clusters.ts';
import { isLive, type StepOutcome } from './cluster.ts';
import { stepEnded } from './cluster-machine.ts';
import { endLeftover } from '../steps/process-group.ts';

const LEFTOVER_GRACE_MS = 2000;

const DIED: StepOutcome = {
  ok: false,
  reason: 'The local cloud died',
  message: 'The EMR endpoint of the local cloud died while this step ran; submit it again.',
};

/**
 * Ends their processes and records them as failed, which applies their ActionOnFailure, or as cancelled if that was
 * requested. Pending steps are kept.
 */
export async function recover(clusters: Clusters, log: (line: string) => void): Promise<void> {
  for (const cluster of clusters.newestFirst()) {
    for (const step of cluster.steps.filter(isLive)) {
      const ended =
        step.process !== undefined && (await endLeftover(step.process, LEFTOVER_GRACE_MS));
      log(
        `step ${step.id} was running when the endpoint died${ended ? '; its remaining processes have been ended' : ''}`,
      );
      clusters.update(cluster.id, (current) => stepEnded(current, step.id, DIED, Date.now()));
    }
  }
}
