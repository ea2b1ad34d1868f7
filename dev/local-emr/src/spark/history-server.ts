/** Spark's own history server, on the loopback address. It runs once somebody has asked for it. */
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readIfExists } from '@user-behaviour/local-cloud/atomic-file';
import { freePort } from '@user-behaviour/local-cloud/ports';
import { endProcess, processIdentity } from '@user-behaviour/local-cloud/process-identity';
import { untilReady } from '@user-behaviour/local-cloud/supervisor/readiness';
import {
  type RunningProgram,
  startProgram,
} from '@user-behaviour/local-cloud/supervisor/running-program';
import { answersOk } from '@user-behaviour/local-cloud/supervisor/service';
import {
  findSpark,
  javaOptionText,
  logOptions,
  noCounters,
  sparkEnvironment,
  type SparkSettings,
} from './spark-environment.ts';

interface HistoryServerPlace {
  readonly spark: SparkSettings;
  readonly eventLogDir: string;
  readonly logFile: string;
  /** Names the process to a later endpoint, and to `make down`, if this one is killed. */
  readonly pidFile: string;
}

export type HistoryServerState =
  | { readonly status: 'STOPPED' | 'STARTING' }
  | { readonly status: 'RUNNING'; readonly url: string }
  | { readonly status: 'FAILED'; readonly reason: string };

const host = '127.0.0.1';
const graceMs = 20_000;
/** It takes 5 s of CPU: minutes on a machine that is busy with Spark. */
const startTimeoutMs = 240_000;

export class HistoryServer {
  readonly #place: HistoryServerPlace;
  readonly #closing = new AbortController();
  #state: HistoryServerState = { status: 'STOPPED' };
  #program: RunningProgram | undefined;
  #run: Promise<void> | undefined;

  constructor(place: HistoryServerPlace) {
    this.#place = place;
  }

  get state(): HistoryServerState {
    return this.#state;
  }

  /** Starts it, and does not wait. Nothing happens if it starts or runs already. */
  start(): void {
    const { status } = this.#state;
    if (status === 'STARTING' || status === 'RUNNING' || this.#closing.signal.aborted) return;
    this.#state = { status: 'STARTING' };
    this.#run = this.#untilEnd().then((reason) => {
      this.#state = { status: 'FAILED', reason };
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#program?.stop('SIGTERM');
    await this.#run;
  }

  /** Ends one that has outlived its endpoint. */
  async endLeftover(): Promise<void> {
    const text = readIfExists(this.#place.pidFile);
    if (text === undefined) return;
    await endProcess(processIdentity.parse(JSON.parse(text)), 'SIGTERM', graceMs);
    await rm(this.#place.pidFile, { force: true });
  }

  /** Why it did not start, or ended. */
  async #untilEnd(): Promise<string> {
    try {
      const port = await freePort([]);
      const command = await commandOf(this.#place, port);
      await mkdir(dirname(this.#place.pidFile), { recursive: true });
      await mkdir(this.#place.eventLogDir, { recursive: true });
      this.#closing.signal.throwIfAborted();
      const { logFile, pidFile } = this.#place;
      const program = (this.#program = startProgram(command, logFile, pidFile));
      const url = `http://${host}:${String(port)}`;
      try {
        await untilReady({ isHealthy: () => answersOk(url) }, program, startTimeoutMs);
      } catch (error) {
        await program.stop('SIGTERM');
        throw error;
      }
      this.#state = { status: 'RUNNING', url };
      return `the history server ${await program.ended}; its log is ${logFile}`;
    } catch (error) {
      return `the history server ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

async function commandOf({ spark, eventLogDir }: HistoryServerPlace, port: number) {
  const found = await findSpark(spark);
  const options = [
    // Hadoop takes a path as it is: it would look for a folder with %20 in its name.
    `-Dspark.history.fs.logDirectory=file://${eventLogDir}`,
    // How soon it shows an application that has ended.
    '-Dspark.history.fs.update.interval=2s',
    `-Dspark.history.ui.port=${String(port)}`,
    // Otherwise it takes a later port, and another program would answer at this one.
    '-Dspark.port.maxRetries=0',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    ...logOptions,
    noCounters,
    `-Djava.io.tmpdir=${tmpdir()}`,
  ];
  const environment: NodeJS.ProcessEnv = {
    // SPARK_LOCAL_IP, which is what it listens on, is that of the steps.
    ...sparkEnvironment(found, []),
    SPARK_LOCAL_IP: host,
    SPARK_DAEMON_MEMORY: '384m',
    SPARK_HISTORY_OPTS: javaOptionText(options),
    // Not those of the caller.
    SPARK_CONF_DIR: '',
    SPARK_DAEMON_JAVA_OPTS: '',
    SPARK_DAEMON_CLASSPATH: '',
    SPARK_DIST_CLASSPATH: '',
  };
  const env = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  const args = ['org.apache.spark.deploy.history.HistoryServer'];
  return { file: join(found.home, 'bin', 'spark-class'), args, env };
}
