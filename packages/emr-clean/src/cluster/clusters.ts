/** The cluster that the run's steps go to: a given one, or one of the run's own for as long as it is needed. */
import type { Session } from '@user-behaviour/shared/runner/job';
import type { CleanConfiguration } from '../config.ts';
import { createEmrClients, EmrCluster, type EmrClients } from './emr.ts';
import { endClustersOf, ownCluster } from './transient-cluster.ts';

export class Clusters implements AsyncDisposable {
  readonly #configuration: CleanConfiguration;
  readonly #session: Session;
  readonly #clients: EmrClients;
  #own: { readonly run: string; readonly id: Promise<string> } | undefined;

  constructor(configuration: CleanConfiguration, session: Session) {
    this.#configuration = configuration;
    this.#session = session;
    this.#clients = createEmrClients(configuration);
  }

  /**
   * A cluster of the run's own is started by the first call, so that a run with nothing to do starts
   * none; those of the abandoned runs are ended first, with the steps on them.
   */
  async of(run: string, abandoned: readonly string[]): Promise<EmrCluster> {
    const given = this.#configuration.EMR_CLUSTER_ID;
    if (given !== undefined) return new EmrCluster(this.#clients, given);
    const others = abandoned.filter((other) => other !== run);
    const ended = await endClustersOf(others, this.#clients.calls);
    if (ended.length > 0) {
      this.#session.log.warn({ clusters: ended }, 'ending clusters that nobody waits for');
    }
    this.#own ??= { run, id: this.#start(run) };
    return new EmrCluster(this.#clients, await this.#own.id);
  }

  async #start(run: string): Promise<string> {
    const { log, signal } = this.#session;
    const id = await ownCluster(run, this.#clients, this.#configuration, signal);
    log.info({ cluster: id }, 'cluster of its own');
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#own !== undefined) await this.#endOwn(this.#own);
    this.#clients.calls.destroy();
    this.#clients.once.destroy();
  }

  /** By its name: a call that arrived twice, or after its answer was given up, has started another. */
  async #endOwn({ run, id }: { readonly run: string; readonly id: Promise<string> }) {
    const { log } = this.#session;
    await id.catch(() => undefined);
    try {
      log.info(
        { clusters: await endClustersOf([run], this.#clients.calls) },
        'ended its own cluster',
      );
    } catch (error) {
      log.warn(String(error));
    }
  }
}
