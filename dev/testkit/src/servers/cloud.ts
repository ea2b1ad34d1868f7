/** The servers of one test file; disposal removes them with all their data. */
import { mkdtempDisposable, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloudOptions, startLocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import type { ServiceName, ServiceStatus } from '@user-behaviour/local-cloud/supervisor/service';
import { inject } from 'vitest';
import { integrationBackend } from './backend.ts';

export type { ServiceName } from '@user-behaviour/local-cloud/supervisor/service';

declare module 'vitest' {
  interface ProvidedContext {
    /** Unset on the local backend, where each file starts its own servers. */
    containers?: { readonly databaseUrl: string; readonly awsEndpoint: string };
  }
}

export interface TestCloud extends AsyncDisposable {
  /** The variables a job needs to reach these servers. */
  readonly env: Readonly<Record<string, string>>;
  /** The services that run outside containers, with process ids and log files. */
  readonly services: readonly ServiceStatus[];
  /** The paths of all files on the HDFS of all clusters. */
  readonly hdfsFiles: () => Promise<readonly string[]>;
}

/**
 * Starts only the named services; EMR and Redshift also need `s3`. Resolves when all answer. With
 * INTEGRATION_BACKEND=docker, Postgres and S3 are the containers of the test run.
 * @throws for an unknown INTEGRATION_BACKEND, or if a service does not start.
 */
export async function startTestCloud(services: readonly ServiceName[]): Promise<TestCloud> {
  if (integrationBackend() === 'local') return startLocalServers(services);
  const containers = inject('containers');
  if (containers === undefined) {
    throw new Error(
      'no container was started: the global setup is missing in the vitest configuration',
    );
  }
  const { databaseUrl, awsEndpoint } = containers;
  const contained: readonly ServiceName[] = ['postgres', 's3'];
  const here = services.filter((service) => !contained.includes(service));
  const cloud = await startLocalServers(here, { endpoint: awsEndpoint });
  const ofServices = {
    postgres: { SOURCE_DATABASE_URL: databaseUrl },
    s3: { AWS_ENDPOINT_URL_S3: awsEndpoint, AWS_ENDPOINT_URL_SECRETS_MANAGER: awsEndpoint },
  };
  return {
    env: {
      ...cloud.env,
      ...(services.includes('postgres') ? ofServices.postgres : {}),
      ...(services.includes('s3') ? ofServices.s3 : {}),
    },
    get services() {
      return cloud.services;
    },
    hdfsFiles: cloud.hdfsFiles,
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  };
}

/** Like startTestCloud, but always on the local cloud: for tests that stop and start a server. */
export async function startLocalServers(
  services: readonly ServiceName[],
  s3?: LocalCloudOptions['s3'],
): Promise<TestCloud> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'test-cloud-')));
  const cloud = stack.use(
    await startLocalCloud({
      stateDir: folder.path,
      services,
      // Free ports, never the configured ones: several clouds may run concurrently.
      ports: {},
      allowedHosts: [],
      takesFaults: true,
      asSuperuser: true,
      s3,
    }),
  );
  const all = stack.move();
  return {
    env: cloud.env,
    get services() {
      return cloud.services;
    },
    hdfsFiles: async () => {
      const root = join(folder.path, 'hdfs');
      return (await filesBelow(root)).map((path) => path.slice(root.length)).sort();
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** What is removed meanwhile is left out. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory());
  const below = await Promise.all(folders.map(({ name }) => filesBelow(join(folder, name))));
  const files = entries.filter((entry) => entry.isFile());
  return [...files.map(({ name }) => join(folder, name)), ...below.flat()];
}
