/** The environment and configuration of spark-submit on this machine: PySpark, Java, and HDFS in a directory. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { eventLogConf } from './event-logs.ts';

export interface SparkSettings {
  /** A Python with PySpark: a path, or the name of a program on PATH. */
  readonly python: string;
  /** A Spark distribution, instead of the Python's PySpark. */
  readonly sparkHome?: string | undefined;
  /** The Java home; undefined for the `java` on PATH. */
  readonly javaHome?: string | undefined;
}

export interface SparkInstallation {
  readonly home: string;
  readonly python: string;
  readonly javaHome: string | undefined;
  /** The `java` program. */
  readonly java: string;
}

const FIND_PYSPARK = `import importlib.util as u, sys
s = u.find_spec("pyspark")
print(sys.executable, s.submodule_search_locations[0] if s else "", sep="\\n")`;

/** @throws if the Python has no PySpark or there is no Java. */
export async function findSpark(settings: SparkSettings): Promise<SparkInstallation> {
  const { javaHome, sparkHome } = settings;
  const { stdout } = await promisify(execFile)(settings.python, ['-c', FIND_PYSPARK]).catch(
    (error: unknown) => {
      throw new Error(`${settings.python} does not run; recreate the Python environment`, {
        cause: error,
      });
    },
  );
  // The path, because Spark's scripts look beside the program for others.
  const [python = '', pyspark = ''] = stdout.split('\n');
  const home = sparkHome ?? pyspark;
  if (home === '') throw new Error(`${python} has no PySpark; install pyspark 3.5 for it`);
  const java = javaHome === undefined ? await javaOfPath() : join(javaHome, 'bin', 'java');
  return { home, python, javaHome, java };
}

async function javaOfPath(): Promise<string> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const java = join(directory, 'java');
    try {
      await access(java, constants.X_OK);
      return java;
    } catch {
      // Not in this directory.
    }
  }
  throw new Error('there is no Java: install a Java 17 runtime');
}

export interface SparkFolders {
  /** Serves as HDFS. */
  readonly hdfsDir: string;
  /** Of this step. */
  readonly workDir: string;
  readonly eventLogDir: string;
}

/**
 * Maps hdfs:///path and /path to `hdfsDir`; no side files, no web UI while it runs. `fileSystem` is Hadoop's class for
 * files of this machine; it must not write .crc files.
 */
export function sparkConf(
  { hdfsDir, workDir, eventLogDir }: SparkFolders,
  fileSystem: string,
): Record<string, string> {
  return {
    ...eventLogConf(eventLogDir),
    'spark.hadoop.fs.defaultFS': 'hdfs://local/',
    'spark.hadoop.fs.hdfs.impl': 'org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme',
    'spark.hadoop.fs.viewfs.overload.scheme.target.file.impl':
      'org.apache.hadoop.fs.LocalFileSystem',
    'spark.hadoop.fs.viewfs.mounttable.local.linkFallback': pathToFileURL(hdfsDir).href,
    // It has no effect if it is set only for the overloaded scheme.
    'spark.hadoop.fs.file.impl': fileSystem,
    'spark.ui.enabled': 'false',
    // The driver listens on loopback ports. Without this, it takes Java objects from other users of the machine.
    'spark.authenticate': 'true',
    'spark.local.dir': workDir,
  };
}

/**
 * Logs warnings and errors only, and starts no JMX server. `spark.log.level` would set up log4j twice, and with a file
 * in `conf` the JVM would not use the class archive, because the class path would contain a folder of files.
 */
export const logOptions = [
  `-Dlog4j2.configurationFile=${pathToFileURL(join(import.meta.dirname, 'log4j2.properties')).href}`,
  '-Dlog4j2.disable.jmx=true',
];

/** Java keeps counters of each process in /tmp, whatever its folder for temporary files is. */
export const noCounters = '-XX:-UsePerfData';

/** The complete environment of the process, without the caller's Spark, Hadoop, Python and AWS settings. */
export function sparkEnvironment(
  { home, python, javaHome }: SparkInstallation,
  javaOptions: readonly string[],
): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, LC_ALL, TMPDIR } = process.env;
  // Java does not read TMPDIR.
  const options = [...javaOptions, ...logOptions, noCounters, `-Djava.io.tmpdir=${tmpdir()}`];
  return {
    ...{ HOME, LANG, LC_ALL, TMPDIR },
    // The scripts of PySpark look for `python3` beside themselves and on the PATH.
    PATH: [dirname(python), PATH ?? ''].join(delimiter),
    // The time zone of EMR's machines.
    TZ: 'UTC',
    SPARK_HOME: home,
    SPARK_LOCAL_IP: '127.0.0.1',
    PYSPARK_PYTHON: python,
    PYSPARK_DRIVER_PYTHON: python,
    PYTHONUNBUFFERED: '1',
    ...(javaHome === undefined ? {} : { JAVA_HOME: javaHome }),
    SPARK_LAUNCHER_OPTS: noCounters,
    SPARK_SUBMIT_OPTS: javaOptionText(options),
  };
}

/** As Spark's launcher reads options: within quotes, a backslash keeps the next character as it is. */
export const javaOptionText = (options: readonly string[]): string =>
  options.map((option) => `"${option.replaceAll(/["\\]/g, '\\$&')}"`).join(' ');
