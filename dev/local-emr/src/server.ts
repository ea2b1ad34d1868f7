/** The EMR endpoint of the local cloud: implements the EMR API and really runs the steps. */
import { access, constants, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { EndpointOptions } from '@user-behaviour/local-cloud/endpoint/endpoint-program';
import {
  startJsonEndpoint,
  type Operation,
  type RunningEndpoint,
} from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { openS3 } from '@user-behaviour/local-cloud/s3/s3-client';
import { isTerminated } from './clusters/cluster.ts';
import { Clusters } from './clusters/clusters.ts';
import { PersistentUis } from './clusters/persistent-uis.ts';
import { SecurityConfigurations } from './clusters/security-configurations.ts';
import { unfinishedDir } from './dist-cp/copy-target.ts';
import { sharedCluster } from './clusters/new-cluster.ts';
import { emrModel } from './api/model.ts';
import { emrOperations } from './api/operations.ts';
import { recover } from './clusters/recovery.ts';
import { clearWork, stepCommands } from './steps/step-command.ts';
import { StepRunner } from './steps/step-runner.ts';
import { HistoryServer } from './spark/history-server.ts';
import type { SparkSettings } from './spark/spark-environment.ts';

/** `stateDir` is for EMR only: clusters and logs. */
export interface EmrOptions extends EndpointOptions {
  /** The directory that serves as HDFS. */
  readonly hdfsDir: string;
  /** For the PID file of the history server. */
  readonly runDir: string;
  readonly spark: SparkSettings;
  /** The shared cluster, which always exists. */
  readonly clusterId: string;
}

/**
 * Starts the endpoint and continues with pending steps of the previous one. If the port is taken, rejects before it
 * touches anything. `close` ends running steps and keeps pending ones for the next start.
 */
export async function startEmr(options: EmrOptions): Promise<RunningEndpoint> {
  const { clusterId } = options;
  const stateDir = resolve(options.stateDir);
  const hdfsDir = resolve(options.hdfsDir);
  const s3 = openS3(options.s3);
  const ready = Promise.withResolvers<Record<string, Operation>>();
  // Listen first: a second endpoint on the same port must not end the first one's steps.
  const server = await startJsonEndpoint({
    targetPrefix: 'ElasticMapReduce',
    operations: whenReady(ready.promise),
    signer: { keys: options.s3, signingName: 'elasticmapreduce' },
    port: options.port,
    host: options.host,
    allowedHosts: options.allowedHosts,
    takesFaults: options.takesFaults,
    onBug: (operation, error) => {
      options.log(
        `${operation} failed unexpectedly: ${error instanceof Error ? (error.stack ?? '') : ''}`,
      );
    },
  });
  try {
    await mkdir(hdfsDir, { recursive: true });
    await mustBeWritable(options.cacheDir);
    await rm(unfinishedDir(hdfsDir), { recursive: true, force: true });
    const clusters = new Clusters(stateDir);
    await recover(clusters, options.log);
    await clearWork(stateDir);
    const eventLogDir = join(stateDir, 'event-logs');
    const historyServer = new HistoryServer({
      spark: options.spark,
      eventLogDir,
      logFile: join(stateDir, 'history-server.log'),
      pidFile: join(resolve(options.runDir), 'history-server.json'),
    });
    await historyServer.endLeftover();
    const commands = stepCommands({
      stateDir,
      eventLogDir,
      cache: join(options.cacheDir, 'spark'),
      storage: { s3, hdfsDir },
      s3: options.s3,
      spark: options.spark,
    });
    const runner = new StepRunner(clusters, commands);
    const existing = clusters.get(clusterId);
    if (existing === undefined || isTerminated(existing)) {
      clusters.create(sharedCluster(clusterId, Date.now()));
    }
    runner.wake();
    const securityConfigurations = new SecurityConfigurations(stateDir);
    const persistentUis = new PersistentUis();
    const state = { clusters, securityConfigurations, persistentUis, historyServer };
    ready.resolve(emrOperations(state, options.s3.region));
    return {
      url: server.url,
      close: async () => {
        await server.close();
        await Promise.all([runner.close(), historyServer.close()]);
        s3.destroy();
      },
    };
  } catch (error) {
    await server.close();
    s3.destroy();
    throw error;
  }
}

async function mustBeWritable(cacheDir: string): Promise<void> {
  try {
    await mkdir(cacheDir, { recursive: true });
    await access(cacheDir, constants.W_OK);
  } catch (error) {
    throw new Error(
      `cannot write to the cache folder ${cacheDir}: choose another one with --cache`,
      {
        cause: error,
      },
    );
  }
}

/** The same operations, each of which waits until the endpoint has loaded its state. */
const whenReady = (ready: Promise<Record<string, Operation>>): Record<string, Operation> =>
  Object.fromEntries(
    Object.keys(emrModel.operations).map((name): [string, Operation] => [
      name,
      async (input, context) => (await ready)[name]?.(input, context),
    ]),
  );
