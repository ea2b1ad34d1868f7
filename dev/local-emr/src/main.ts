/** The EMR emulator as a program; its command line is in local-cloud/endpoint/endpoint-program. */
import { join, resolve } from 'node:path';
import { runEndpoint } from '@user-behaviour/local-cloud/endpoint/endpoint-program';
import { clusterId } from '@user-behaviour/local-cloud/environment';
import { findSparkInstallation } from '@user-behaviour/local-cloud/installation';
import { startEmr } from './server.ts';

await runEndpoint(
  'emr',
  async ({ stateDir, ...options }, { python = 'python3', 'spark-home': sparkHome }) =>
    startEmr({
      ...options,
      stateDir: join(stateDir, 'emr'),
      hdfsDir: join(stateDir, 'hdfs'),
      runDir: join(stateDir, 'run'),
      // A path must also hold in the folders of steps.
      spark: await findSparkInstallation(
        python.includes('/') ? resolve(python) : python,
        sparkHome === undefined ? undefined : resolve(sparkHome),
      ),
      clusterId,
    }),
  ['python', 'spark-home'],
);
