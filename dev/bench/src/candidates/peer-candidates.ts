/** Tools that people would use instead of our job, each set up as its documentation says. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { type Candidate, peerKey, type Task } from './candidate.ts';
import { piped } from './own-candidates.ts';
import { paths } from '../paths.ts';
import type { PeerName } from '../settings.ts';
import { copyStatement } from '../servers/source-database.ts';

const script = (
  name: string,
  python: string,
  file: string,
  more: Partial<Candidate> = {},
): Candidate => ({
  name,
  kind: 'peer',
  isStable: true,
  isOutput: () => true,
  command: ({ env, bucket, query }: Task) => ({
    file: python,
    args: [join(paths.peers, file)],
    env: { ...env, QUERY: query, COPY: copyStatement(query), BUCKET: bucket, KEY: peerKey },
  }),
  ...more,
});

const rclone = ({ env }: Task) => ({
  RCLONE_CONFIG: '/dev/null',
  RCLONE_S3_PROVIDER: 'Other',
  RCLONE_S3_ENDPOINT: env['AWS_ENDPOINT_URL_S3'] ?? '',
  RCLONE_S3_ACCESS_KEY_ID: env['AWS_ACCESS_KEY_ID'] ?? '',
  RCLONE_S3_SECRET_ACCESS_KEY: env['AWS_SECRET_ACCESS_KEY'] ?? '',
});

const slingBinary = 'lib/python3/sling-linux-amd64';

const sling: Candidate = {
  name: 'Sling',
  kind: 'peer',
  isStable: true,
  isOutput: () => true,
  command: ({ env, bucket, query }) => ({
    file: join(paths.peerBin, '..', slingBinary),
    args: [
      ...['run', '--src-conn', 'SOURCE', '--src-stream', query],
      ...['--tgt-conn', 'TARGET', '--tgt-object', `s3://${bucket}/${peerKey}`],
    ],
    env: {
      ...env,
      SOURCE: `${env['SOURCE_DATABASE_URL'] ?? ''}?sslmode=disable`,
      TARGET: JSON.stringify({
        type: 's3',
        bucket,
        endpoint: env['AWS_ENDPOINT_URL_S3'],
        region: env['AWS_REGION'],
        access_key_id: env['AWS_ACCESS_KEY_ID'],
        secret_access_key: env['AWS_SECRET_ACCESS_KEY'],
      }),
      SLING_HOME_DIR: join(paths.work, 'sling'),
      SLING_DISABLE_TELEMETRY: 'TRUE',
    },
  }),
};

/** The operator as a task of a DAG, as people run it, but without the scheduler. */
const airflowTask: Candidate = {
  name: 'Airflow SqlToS3Operator, a task',
  kind: 'peer',
  isStable: true,
  isOutput: () => true,
  command: ({ env, bucket, query, ds }) => ({
    file: paths.airflow,
    args: ['tasks', 'test', 'purchases', 'extract', ds],
    env: {
      ...env,
      ...{ QUERY: query, BUCKET: bucket, KEY: peerKey },
      AIRFLOW_HOME: paths.airflowHome,
      AIRFLOW__CORE__DAGS_FOLDER: join(paths.peers, 'airflow'),
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW_CONN_SOURCE: env['SOURCE_DATABASE_URL'] ?? '',
      AIRFLOW_CONN_AWS_DEFAULT: 'aws://',
    },
  }),
};

const known: Readonly<Record<PeerName, { needs: string; candidates: readonly Candidate[] }>> = {
  aws: {
    needs: join(paths.peerBin, 'aws'),
    candidates: [
      piped(
        'psql | aws s3 cp',
        `'${join(paths.peerBin, 'aws')}' s3 cp - "s3://$PIPELINE_BUCKET/${peerKey}"`,
        () => ({}),
      ),
    ],
  },
  rclone: {
    needs: join(paths.peerBin, 'rclone'),
    candidates: [
      piped(
        'psql | rclone rcat',
        `'${join(paths.peerBin, 'rclone')}' rcat ":s3:$PIPELINE_BUCKET/${peerKey}"`,
        rclone,
      ),
    ],
  },
  duckdb: {
    needs: paths.peerPython,
    candidates: [script('DuckDB', paths.peerPython, 'duckdb_copy.py')],
  },
  sling: { needs: join(paths.peerBin, '..', slingBinary), candidates: [sling] },
  dlt: {
    needs: paths.dltPython,
    candidates: [
      script('dlt (connectorx)', paths.dltPython, 'dlt_copy.py', {
        isStable: false,
        isOutput: ({ key }) => key.includes('/purchases/'),
        note: 'adds two columns',
      }),
    ],
  },
  pandas: {
    needs: paths.peerPython,
    candidates: [script('pandas', paths.peerPython, 'pandas_copy.py')],
  },
  airflow: {
    needs: paths.airflow,
    candidates: [
      airflowTask,
      script("Airflow's operator, its code alone", paths.airflowPython, 'airflow_operator.py'),
    ],
  },
  // It extracts no day: the section source runs it beside the shop.
  debezium: { needs: paths.debezium, candidates: [] },
};

/** The candidates that are installed, and the names of those that are not. */
export async function installedPeers(
  wanted: readonly PeerName[],
): Promise<{ readonly candidates: readonly Candidate[]; readonly missing: readonly PeerName[] }> {
  const candidates: Candidate[] = [];
  const missing: PeerName[] = [];
  for (const name of wanted) {
    const { needs, candidates: own } = known[name];
    const there = await access(needs, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) candidates.push(...own);
    else missing.push(name);
  }
  return { candidates, missing };
}
