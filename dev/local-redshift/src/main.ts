/** The Redshift emulator as a program; its command line is in local-cloud/endpoint/endpoint-program. */
import { join } from 'node:path';
import { runEndpoint } from '@user-behaviour/local-cloud/endpoint/endpoint-program';
import { warehouse, warehouseUser, workgroup } from '@user-behaviour/local-cloud/environment';
import { startRedshift } from './server.ts';

const { LOCAL_CLOUD_WAREHOUSE_PORT: port, LOCAL_CLOUD_WAREHOUSE_PASSWORD: password } = process.env;
const door = port && password ? { port: Number(port), user: warehouseUser, password } : undefined;

await runEndpoint('redshift', ({ stateDir, ...options }) =>
  startRedshift({
    ...options,
    stateDir: join(stateDir, 'redshift'),
    database: warehouse,
    workgroup,
    ...(door && { wire: door }),
  }),
);
