/** What spark-submit needs to know about this machine: PySpark, Java, HDFS paths that lie in a directory. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export interface SparkSettings {
  /** The Python of a virtual environment that holds PySpark. */
  readonly python: string;
  /** A Java 17 home; without it the `java` of the PATH is taken. */
  readonly javaHome?: string | undefined;
}

export interface SparkInstallation {
  readonly home: string;
  readonly python: string;
  readonly javaHome: string | undefined;
  /** The program itself. */
  readonly java: string;
}

const FIND_PYSPARK =
  'import importlib.util as u; s = u.find_spec("pyspark"); print(s.submodule_search_locations[0] if s else "")';

/** Throws when the Python has no PySpark or there is no Java, telling what to install. */
export async function findSpark({ python, javaHome }: SparkSettings): Promise<SparkInstallation> {
  const { stdout } = await promisify(execFile)(python, ['-c', FIND_PYSPARK]).catch(
    (error: unknown) => {
      throw new Error(`${python} does not run; make the Python environment anew`, { cause: error });
    },
  );
  const home = stdout.trim();
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
      // Not here; the next directory may have it.
    }
  }
  throw new Error('there is no Java: install a Java 17 runtime');
}

/** hdfs:///path and /path both lie below `hdfsDir`; no side files; no web page. */
export function sparkConf(hdfsDir: string, workDir: string): Record<string, string> {
  return {
    'spark.hadoop.fs.defaultFS': 'hdfs://local/',
    'spark.hadoop.fs.hdfs.impl': 'org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme',
    'spark.hadoop.fs.viewfs.overload.scheme.target.file.impl':
      'org.apache.hadoop.fs.LocalFileSystem',
    'spark.hadoop.fs.viewfs.mounttable.local.linkFallback': pathToFileURL(hdfsDir).href,
    // Writes no .crc files; set only for the overloaded scheme it does nothing.
    'spark.hadoop.fs.file.impl': 'org.apache.hadoop.fs.RawLocalFileSystem',
    'spark.ui.enabled': 'false',
    'spark.local.dir': workDir,
  };
}

/**
 * The log without its chatter, and without a management server that nobody asks. Not by `spark.log.level`
 * or a file in `conf`: log4j would be set up twice, and a JVM takes no archive of classes beside a folder of files.
 */
const logOptions = [
  `-Dlog4j2.configurationFile=${pathToFileURL(join(import.meta.dirname, 'log4j2.properties')).href}`,
  '-Dlog4j2.disable.jmx=true',
];

/** Everything the process sees; nothing of the caller's own Spark, Hadoop, Python or AWS settings gets in. */
export function sparkEnvironment(
  { home, python, javaHome }: SparkInstallation,
  javaOptions: readonly string[],
): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, LC_ALL, TMPDIR } = process.env;
  return {
    ...{ HOME, LANG, LC_ALL, TMPDIR },
    // The scripts of PySpark look for `python3` beside themselves and on the PATH.
    PATH: [dirname(python), PATH ?? ''].join(delimiter),
    // The clock of EMR's machines.
    TZ: 'UTC',
    SPARK_HOME: home,
    SPARK_LOCAL_IP: '127.0.0.1',
    PYSPARK_PYTHON: python,
    PYSPARK_DRIVER_PYTHON: python,
    PYTHONUNBUFFERED: '1',
    ...(javaHome === undefined ? {} : { JAVA_HOME: javaHome }),
    SPARK_SUBMIT_OPTS: [...javaOptions, ...logOptions].map((option) => `"${option}"`).join(' '),
  };
}
