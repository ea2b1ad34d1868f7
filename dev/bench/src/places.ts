/** Where the benchmark finds and keeps things. */
import { join } from 'node:path';

export const workspace = join(import.meta.dirname, '../../..');

const local = join(workspace, '.local/bench');

export const places = {
  /** PySpark's and ministack's environment; it also runs the measuring program. */
  python: join(workspace, '.local/python/bin/python'),
  /** Of the contenders, each made by install.sh. */
  peerBin: join(local, 'python/bin'),
  peerPython: join(local, 'python/bin/python'),
  dltPython: join(local, 'dlt/bin/python'),
  airflow: join(local, 'airflow/bin/airflow'),
  airflowHome: join(local, 'airflow-home'),
  airflowPython: join(local, 'airflow/bin/python'),
  versitygw: join(local, 'bin/versitygw'),
  peers: join(import.meta.dirname, '../peers'),
  cloud: join(local, 'cloud'),
  cloudEnvironment: join(local, 'cloud.env'),
  seedSettings: join(local, 'seed.env'),
  results: join(local, 'results'),
  work: join(local, 'work'),
  docs: join(workspace, 'docs'),
} as const;
