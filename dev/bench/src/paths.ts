/** The files and folders of the benchmark. */
import { join } from 'node:path';

export const workspace = join(import.meta.dirname, '../../..');

const local = join(workspace, '.local/bench');

export const paths = {
  /** The environment with PySpark and ministack; it also runs measure.py. */
  python: join(workspace, '.local/python/bin/python'),
  /** Environments of the peers, created by install.sh. */
  peerBin: join(local, 'python/bin'),
  peerPython: join(local, 'python/bin/python'),
  dltPython: join(local, 'dlt/bin/python'),
  airflow: join(local, 'airflow/bin/airflow'),
  airflowHome: join(local, 'airflow-home'),
  airflowPython: join(local, 'airflow/bin/python'),
  debezium: join(local, 'debezium-server'),
  /** An environment with a Java for it, of another version than Spark's. */
  java: join(local, 'java'),
  versitygw: join(local, 'bin/versitygw'),
  peers: join(import.meta.dirname, '../peers'),
  original: join(workspace, 'dev/original/clean_reviews.py'),
  cloud: join(local, 'cloud'),
  cloudEnvironment: join(local, 'cloud.env'),
  seedSettings: join(local, 'seed.env'),
  /** The runs of each section, and those of a section that was stopped. */
  results: join(local, 'results'),
  progress: join(local, 'progress'),
  work: join(local, 'work'),
} as const;
