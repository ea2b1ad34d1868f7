/** The Redshift emulator as a program; its command line is in local-cloud/endpoint/endpoint-program. */
import { join } from 'node:path';
import { runEndpoint } from '@user-behaviour/local-cloud/endpoint/endpoint-program';
import { warehouse, workgroup } from '@user-behaviour/local-cloud/environment';
import { startRedshift } from './server.ts';

await runEndpoint('redshift', ({ stateDir, ...options }) =>
  startRedshift({
    ...options,
    stateDir: join(stateDir, 'redshift'),
    database: warehouse,
    workgroup,
  }),
);
