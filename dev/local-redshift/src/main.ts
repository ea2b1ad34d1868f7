/**
 * The Redshift emulator as a program; its command line is in local-cloud/endpoint/endpoint-program. With `--sql-port`,
 * it also serves the PostgreSQL protocol. The password is in REDSHIFT_PASSWORD, or else random and in `sqlUrl` of the
 * line that it prints.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parsePort } from '@user-behaviour/local-cloud/endpoint/endpoint-arguments';
import { runEndpoint } from '@user-behaviour/local-cloud/endpoint/endpoint-program';
import { warehouse, warehouseUser, workgroup } from '@user-behaviour/local-cloud/environment';
import { startRedshift } from './server.ts';

await runEndpoint(
  'redshift',
  async ({ stateDir, ...options }, { 'sql-port': sqlPort }) => {
    const known = process.env['REDSHIFT_PASSWORD'] ?? '';
    const password = known === '' ? randomBytes(20).toString('hex') : known;
    const running = await startRedshift({
      ...options,
      stateDir: join(stateDir, 'redshift'),
      database: warehouse,
      workgroup,
      ...(sqlPort !== undefined && {
        wire: { port: parsePort('--sql-port', sqlPort), user: warehouseUser, password },
      }),
    });
    if (running.wirePort === undefined) return running;
    const login = known === '' ? `${warehouseUser}:${password}` : warehouseUser;
    const sqlUrl = `postgres://${login}@${options.host}:${running.wirePort}/${warehouse}`;
    return { ...running, ready: { sqlUrl } };
  },
  ['sql-port'],
);
