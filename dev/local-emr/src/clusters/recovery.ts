/** What an endpoint does at start about the steps that ran when the one before it died. */
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
 * Ends what is left of such steps and counts them as failed, their ActionOnFailure included; one that was to be
 * cancelled counts as cancelled. Pending steps go on.
 */
export async function recover(clusters: Clusters, log: (line: string) => void): Promise<void> {
  for (const cluster of clusters.newestFirst()) {
    for (const step of cluster.steps.filter(isLive)) {
      const ended =
        step.process !== undefined && (await endLeftover(step.process, LEFTOVER_GRACE_MS));
      log(
        `step ${step.id} ran when the endpoint died${ended ? '; its processes were still there and are ended now' : ''}`,
      );
      clusters.update(cluster.id, (current) => stepEnded(current, step.id, DIED, Date.now()));
    }
  }
}
