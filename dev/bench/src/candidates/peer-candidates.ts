/** What people would use instead of our job, each set up as its documentation says. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { type Candidate, peerKey, type Task } from './candidate.ts';
import { piped } from './own-candidates.ts';
import { places } from '../places.ts';
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
    args: [join(places.peers, file)],
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
    file: join(places.peerBin, '..', slingBinary),
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
      SLING_HOME_DIR: join(places.work, 'sling'),
      SLING_DISABLE_TELEMETRY: 'TRUE',
    },
  }),
};

/** As people run the operator: a task of a DAG. Without the scheduler's part of it. */
const airflowTask: Candidate = {
  name: 'Airflow SqlToS3Operator, a task',
  kind: 'peer',
  isStable: true,
  isOutput: () => true,
  command: ({ env, bucket, query, ds }) => ({
    file: places.airflow,
    args: ['tasks', 'test', 'purchases', 'extract', ds],
    env: {
      ...env,
      ...{ QUERY: query, BUCKET: bucket, KEY: peerKey },
      AIRFLOW_HOME: places.airflowHome,
      AIRFLOW__CORE__DAGS_FOLDER: join(places.peers, 'airflow'),
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW_CONN_SOURCE: env['SOURCE_DATABASE_URL'] ?? '',
      AIRFLOW_CONN_AWS_DEFAULT: 'aws://',
    },
  }),
};

const known: Readonly<Record<PeerName, { needs: string; candidates: readonly Candidate[] }>> = {
  aws: {
    needs: join(places.peerBin, 'aws'),
    candidates: [
      piped(
        'psql | aws s3 cp',
        `'${join(places.peerBin, 'aws')}' s3 cp - "s3://$PIPELINE_BUCKET/${peerKey}"`,
        () => ({}),
      ),
    ],
  },
  rclone: {
    needs: join(places.peerBin, 'rclone'),
    candidates: [
      piped(
        'psql | rclone rcat',
        `'${join(places.peerBin, 'rclone')}' rcat ":s3:$PIPELINE_BUCKET/${peerKey}"`,
        rclone,
      ),
    ],
  },
  duckdb: {
    needs: places.peerPython,
    candidates: [script('DuckDB', places.peerPython, 'duckdb_copy.py')],
  },
  sling: { needs: join(places.peerBin, '..', slingBinary), candidates: [sling] },
  dlt: {
    needs: places.dltPython,
    candidates: [
      script('dlt (connectorx)', places.dltPython, 'dlt_copy.py', {
        isStable: false,
        isOutput: ({ key }) => key.includes('/purchases/'),
        note: 'adds two columns of its own',
      }),
    ],
  },
  pandas: {
    needs: places.peerPython,
    candidates: [script('pandas', places.peerPython, 'pandas_copy.py')],
  },
  airflow: {
    needs: places.airflow,
    candidates: [
      airflowTask,
      script("Airflow's operator, its code alone", places.airflowPython, 'airflow_operator.py'),
    ],
  },
};

/** Those that are installed, and the names of those that are not. */
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
