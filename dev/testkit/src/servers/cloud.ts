/** The servers of one test file: thrown away with all their data at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import type { ServiceName, ServiceStatus } from '@user-behaviour/local-cloud/supervisor/service';
import { inject } from 'vitest';
import { integrationBackend } from './backend.ts';

export type { ServiceName } from '@user-behaviour/local-cloud/supervisor/service';

declare module 'vitest' {
  interface ProvidedContext {
    /** Unset on the local backend, where each file starts servers of its own. */
    containers?: { readonly databaseUrl: string; readonly awsEndpoint: string };
  }
}

export interface TestCloud extends AsyncDisposable {
  /** The variables a job needs to reach these servers. */
  readonly env: Readonly<Record<string, string>>;
  /** What runs here and not in a container, with process numbers and log files. */
  readonly services: readonly ServiceStatus[];
}

/**
 * Starts only the services named; EMR and Redshift need `s3` beside them. Resolves when all answer.
 * With INTEGRATION_BACKEND=docker Postgres and S3 are the run's containers, and the rest reads from them.
 * @throws for an unknown INTEGRATION_BACKEND, or when a service does not come up.
 */
export async function startTestCloud(services: readonly ServiceName[]): Promise<TestCloud> {
  if (integrationBackend() === 'local') return startLocalServers(services);
  const containers = inject('containers');
  if (containers === undefined) {
    throw new Error('no container was started: the vitest configuration lacks the global setup');
  }
  const { databaseUrl, awsEndpoint } = containers;
  const contained: readonly ServiceName[] = ['postgres', 's3'];
  const here = services.filter((service) => !contained.includes(service));
  const cloud = await startLocalServers(here, awsEndpoint);
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
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  };
}

/** As startTestCloud, on the local cloud whatever the backend: for tests that stop and start a server. */
export async function startLocalServers(
  services: readonly ServiceName[],
  s3Endpoint?: string,
): Promise<TestCloud> {
  const stateDir = await mkdtemp(join(tmpdir(), 'test-cloud-'));
  const remove = () => rm(stateDir, { recursive: true, force: true });
  try {
    // Ports of its own, never the configured ones: several clouds may run at once.
    const cloud = await startLocalCloud({
      stateDir,
      services,
      ports: {},
      ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
    });
    return {
      env: cloud.env,
      get services() {
        return cloud.services;
      },
      [Symbol.asyncDispose]: async () => {
        await cloud[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
