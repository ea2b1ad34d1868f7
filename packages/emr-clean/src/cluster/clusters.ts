/** Chooses the cluster for a run's steps: the configured one, or a transient one for this run. */
import type { Session } from '@user-behaviour/shared/runner/job';
import type { CleanConfiguration } from '../config.ts';
import { createEmrClients, EmrCluster, type EmrClients } from './emr.ts';
import { findOrStartCluster, terminateClustersOf } from './transient-cluster.ts';

interface TransientCluster {
  readonly run: string;
  readonly id: Promise<string>;
}

export class Clusters implements AsyncDisposable {
  readonly #configuration: CleanConfiguration;
  readonly #session: Session;
  readonly #clients: EmrClients;
  #transient: TransientCluster | undefined;

  constructor(configuration: CleanConfiguration, session: Session) {
    this.#configuration = configuration;
    this.#session = session;
    this.#clients = createEmrClients(configuration);
  }

  /**
   * The first call starts the transient cluster, so a run with nothing to do starts none. Before
   * that, the clusters of orphaned runs are terminated together with their steps.
   */
  async forRun(run: string, orphanedRuns: readonly string[]): Promise<EmrCluster> {
    const configured = this.#configuration.EMR_CLUSTER_ID;
    if (configured !== undefined) return new EmrCluster(this.#clients, configured);
    const otherRuns = orphanedRuns.filter((orphaned) => orphaned !== run);
    const terminated = await terminateClustersOf(otherRuns, this.#clients.retrying);
    if (terminated.length > 0) {
      this.#session.log.warn({ clusters: terminated }, 'terminating clusters of orphaned runs');
    }
    this.#transient ??= { run, id: this.#start(run) };
    return new EmrCluster(this.#clients, await this.#transient.id, true);
  }

  async #start(run: string): Promise<string> {
    const { log, signal } = this.#session;
    const id = await findOrStartCluster(run, this.#clients, this.#configuration, signal);
    log.info({ cluster: id }, 'using a transient cluster');
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#transient !== undefined) await this.#terminate(this.#transient);
    this.#clients.retrying.destroy();
    this.#clients.single.destroy();
  }

  /** Terminates by name, because a repeated request or a late reply may have started a second one. */
  async #terminate({ run, id }: TransientCluster): Promise<void> {
    const { log } = this.#session;
    await id.catch(() => undefined);
    try {
      const clusters = await terminateClustersOf([run], this.#clients.retrying);
      log.info({ clusters }, 'terminating the transient cluster');
    } catch (error) {
      log.warn(String(error));
    }
  }
}
