/** The Redshift of the local cloud: the Data API, a JSON 1.1 endpoint, and the PostgreSQL protocol. SQL runs on DuckDB. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EndpointOptions } from '@user-behaviour/local-cloud/endpoint/endpoint-program';
import {
  startJsonEndpoint,
  type RunningEndpoint,
} from '@user-behaviour/local-cloud/endpoint/json-endpoint';
import { checkedOperations } from '@user-behaviour/local-cloud/endpoint/service-model';
import { openS3 } from '@user-behaviour/local-cloud/s3/s3-client';
import { Catalog } from './warehouse/catalog.ts';
import model from './api/model.json' with { type: 'json' };
import { metadataOperations } from './api/metadata-api.ts';
import { ObjectCache } from './external/object-cache.ts';
import { resultOperations } from './api/result-api.ts';
import { ResultStore } from './statements/result-store.ts';
import { statementOperations } from './api/statement-api.ts';
import { StatementRunner } from './statements/statement-runner.ts';
import { StatementStore } from './statements/statement-store.ts';
import { openWarehouse } from './warehouse/warehouse.ts';
import { startWireServer } from './wire/wire-server.ts';

/** `stateDir` is for Redshift only: the database, statement records, results and cached objects. */
export interface RedshiftOptions extends EndpointOptions {
  readonly database: string;
  /** Accepted as WorkgroupName and as ClusterIdentifier. */
  readonly workgroup: string;
  /** The PostgreSQL protocol, with its only user. Without it, only the Data API is served. */
  readonly wire?: { readonly port: number; readonly user: string; readonly password: string };
}

export interface RunningRedshift extends RunningEndpoint {
  /** The port of the PostgreSQL protocol, if it is served. */
  readonly wirePort: number | undefined;
}

/** Starts the endpoint with the state in `stateDir`. Rejects if another endpoint uses it. */
export async function startRedshift(options: RedshiftOptions): Promise<RunningRedshift> {
  const { stateDir, database, workgroup } = options;
  const cacheDir = join(stateDir, 'cache');
  await mkdir(cacheDir, { recursive: true });
  const warehouse = await openWarehouse(stateDir, database, cacheDir);
  const client = openS3(options.s3);
  const cache = new ObjectCache(client, cacheDir);
  await cache.trim();
  const own = await warehouse.connect();
  const store = await StatementStore.open(own, Date.now());
  const catalog = new Catalog();
  await catalog.reload(own);
  const results = new ResultStore(join(stateDir, 'results'));
  await results.keepOnly((id) => store.get(id) !== undefined);
  const report = (operation: string, error: unknown): void => {
    options.log(
      `redshift: ${operation}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  };
  const source = {
    catalog,
    client,
    cache,
    warn: (text: string) => {
      options.log(`redshift: ${text}`);
    },
  };
  const runner = new StatementRunner({
    warehouse,
    database,
    store,
    results,
    source,
    onBug: (error) => {
      report('statement', error);
    },
  });
  const wire =
    options.wire &&
    (await startWireServer({
      port: options.wire.port,
      host: options.host,
      account: { ...options.wire, database },
      warehouse,
      source,
      runner,
      records: () => store.list(),
      onBug: (error) => {
        report('connection', error);
      },
    }));
  const endpoint = await startJsonEndpoint({
    targetPrefix: 'RedshiftData',
    operations: checkedOperations(model, {
      ...statementOperations({ workgroup, store, runner }),
      ...resultOperations({ store, results, runner }),
      ...metadataOperations({ workgroup, database, warehouse }),
    }),
    signer: { keys: options.s3, signingName: 'redshift-data' },
    port: options.port,
    host: options.host,
    allowedHosts: options.allowedHosts,
    takesFaults: options.takesFaults,
    onBug: report,
  });
  return {
    url: endpoint.url,
    wirePort: wire?.port,
    async close() {
      await endpoint.close();
      // A session waits for the statement that runs, which the runner interrupts.
      await Promise.all([wire?.close(), runner.close()]);
      own.closeSync();
      warehouse.close();
      client.destroy();
    },
  };
}
