/** Parses a step's spark-submit command line and adapts it to one machine. */

/** Options that take a value (spark-submit --help, Spark 3.5). */
const WITH_VALUE = new Set([
  ...[
    '--master',
    '--deploy-mode',
    '--class',
    '--name',
    '--jars',
    '--packages',
    '--exclude-packages',
  ],
  ...['--repositories', '--py-files', '--files', '--archives', '--conf', '--properties-file'],
  ...['--driver-memory', '--driver-java-options', '--driver-library-path', '--driver-class-path'],
  ...['--executor-memory', '--proxy-user', '--driver-cores', '--total-executor-cores'],
  ...['--executor-cores', '--num-executors', '--principal', '--keytab', '--queue'],
]);

const ALONE = new Set(['--verbose', '--supervise']);
const SHORT: Readonly<Record<string, string>> = { '-c': '--conf', '-v': '--verbose' };

/** Options for YARN or another cluster manager, which one machine does not have. */
const DROPPED = new Set([
  ...['--deploy-mode', '--num-executors', '--executor-cores', '--total-executor-cores', '--queue'],
  ...['--supervise', '--driver-cores', '--principal', '--keytab', '--proxy-user'],
]);

/** Options whose values are files, comma-separated. */
const FILES = new Set(['--py-files', '--files', '--jars', '--archives']);

/** Options that lead out of the step's own folders: to other programs, options of the JVM, or the internet. */
const REFUSED = new Set([
  ...['--packages', '--exclude-packages', '--repositories', '--properties-file'],
  ...['--driver-java-options', '--driver-library-path', '--driver-class-path'],
]);

/**
 * The configuration that a step may set: sizes, and how SQL is planned and run. Others name classes, programs,
 * files or options of the JVM, or redirect HDFS, e.g. `spark.driver.extraJavaOptions`.
 */
const CONFIGURATION = new RegExp(
  `^spark\\.(?:${[
    'app\\.name|master|default\\.parallelism|serializer|ui\\.enabled|submit\\.deployMode',
    '(?:driver|executor)\\.(?:cores|instances|maxResultSize|memory|memoryOverhead)',
    '(?:dynamicAllocation|kryoserializer|memory|network|shuffle|speculation|task|yarn)\\..+',
    'sql\\.(?:adaptive|ansi|files|legacy|orc|parquet|session|shuffle|sources)\\..+',
    'sql\\.(?:autoBroadcastJoinThreshold|broadcastTimeout|caseSensitive)',
  ].join('|')})$`,
);

interface SparkArguments {
  /** Options with their values, without those for a cluster. */
  readonly options: readonly (readonly [name: string, value: string | undefined])[];
  readonly script: string;
  readonly scriptArguments: readonly string[];
}

/** @throws on an unknown option, on one that leads out of the step's folders, and if there is no script. */
export function parseSparkSubmit(args: readonly string[]): SparkArguments {
  const options: (readonly [string, string | undefined])[] = [];
  let index = 0;
  for (; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (!argument.startsWith('-')) break;
    const equals = argument.startsWith('--') ? argument.indexOf('=') : -1;
    const given = equals === -1 ? argument : argument.slice(0, equals);
    const name = SHORT[given] ?? given;
    if (!WITH_VALUE.has(name) && !ALONE.has(name)) {
      throw new Error(`spark-submit: the local cloud does not support ${given}`);
    }
    if (REFUSED.has(name)) throw new Error(`spark-submit: the local cloud refuses ${given}`);
    let value: string | undefined;
    if (WITH_VALUE.has(name)) {
      value = equals === -1 ? args[(index += 1)] : argument.slice(equals + 1);
      if (value === undefined) throw new Error(`spark-submit: ${given} needs a value`);
    }
    const key = value?.split('=')[0] ?? '';
    if (name === '--conf' && !CONFIGURATION.test(key)) {
      throw new Error(`spark-submit: the local cloud refuses --conf ${key}`);
    }
    if (isForThisMachine(name, value)) options.push([name, value]);
  }
  const script = args[index];
  if (script === undefined || script === '') {
    throw new Error('spark-submit: there is no script; give its s3:// or hdfs:// address');
  }
  if (!script.endsWith('.py')) {
    throw new Error(`spark-submit: the local cloud runs Python scripts (.py), not '${script}'`);
  }
  return { options, script, scriptArguments: args.slice(index + 1) };
}

/** False for options and configuration keys that are for a cluster manager. */
function isForThisMachine(name: string, value: string | undefined): boolean {
  if (DROPPED.has(name)) return false;
  if (name === '--master') return isLocalMaster(value);
  if (name !== '--conf') return true;
  const [key, setting] = [value?.split('=')[0] ?? '', value?.slice(value.indexOf('=') + 1) ?? ''];
  if (key === 'spark.master') return isLocalMaster(setting);
  return !key.startsWith('spark.yarn.') && key !== 'spark.submit.deployMode';
}

const isLocalMaster = (master: string | undefined): boolean =>
  /^local(?:\[[^\]]*\])?$/.test(master ?? '');

/** The arguments for `$SPARK_HOME/bin/spark-submit`; `locate` returns a file's path on this machine. */
export async function localSparkSubmit(
  parsed: SparkArguments,
  conf: Readonly<Record<string, string>>,
  locate: (address: string) => Promise<string>,
): Promise<string[]> {
  const master = parsed.options.some(
    ([name, value]) =>
      name === '--master' || (name === '--conf' && value?.startsWith('spark.master=') === true),
  );
  const command = master ? [] : ['--master', 'local[*]'];
  // First, so that the step's own settings take precedence.
  for (const [key, value] of Object.entries(conf)) command.push('--conf', `${key}=${value}`);
  for (const [name, value] of parsed.options) {
    command.push(name);
    if (value === undefined) continue;
    const file = (address: string) => locateNamed(name, address, locate);
    const files = FILES.has(name) ? await Promise.all(value.split(',').map(file)) : [value];
    command.push(files.join(','));
  }
  return [...command, await locate(parsed.script), ...parsed.scriptArguments];
}

/** `s3://…/env.tar.gz#environment`: the name in the step's folder follows the address (Spark, Submitting Applications). */
async function locateNamed(
  option: string,
  given: string,
  locate: (address: string) => Promise<string>,
): Promise<string> {
  const at = given.lastIndexOf('#');
  if (at === -1 || (option !== '--files' && option !== '--archives')) return locate(given);
  const name = given.slice(at + 1);
  if (!/^[\w-][\w.-]*$/.test(name))
    throw new Error(`spark-submit: ${given} has no plain name after #`);
  return `${await locate(given.slice(0, at))}#${name}`;
}
