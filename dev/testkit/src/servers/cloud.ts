/** The servers of one test file: thrown away with all their data at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalCloud } from '@user-behaviour/local-cloud/local-cloud';
import type { PartName, PartStatus } from '@user-behaviour/local-cloud/supervisor/service';
import { inject } from 'vitest';
import { integrationBackend } from './backend.ts';

export type { PartName } from '@user-behaviour/local-cloud/supervisor/service';

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
  readonly parts: readonly PartStatus[];
}

/**
 * Starts only the parts named; EMR and Redshift need `s3` beside them. Resolves when all answer.
 * With INTEGRATION_BACKEND=docker Postgres and S3 are the run's containers, and the rest reads from them.
 * @throws for an unknown INTEGRATION_BACKEND, or when a part does not come up.
 */
export async function startTestCloud(parts: readonly PartName[]): Promise<TestCloud> {
  if (integrationBackend() === 'local') return startLocalServers(parts);
  const containers = inject('containers');
  if (containers === undefined) {
    throw new Error('no container was started: the vitest configuration lacks the global setup');
  }
  const { databaseUrl, awsEndpoint } = containers;
  const contained: readonly PartName[] = ['postgres', 's3'];
  const here = parts.filter((part) => !contained.includes(part));
  const cloud = await startLocalServers(here, awsEndpoint);
  const ofParts = {
    postgres: { SOURCE_DATABASE_URL: databaseUrl },
    s3: { AWS_ENDPOINT_URL_S3: awsEndpoint, AWS_ENDPOINT_URL_SECRETS_MANAGER: awsEndpoint },
  };
  return {
    env: {
      ...cloud.env,
      ...(parts.includes('postgres') ? ofParts.postgres : {}),
      ...(parts.includes('s3') ? ofParts.s3 : {}),
    },
    get parts() {
      return cloud.parts;
    },
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  };
}

/** As startTestCloud, on the local cloud whatever the backend: for tests that stop and start a server. */
export async function startLocalServers(
  parts: readonly PartName[],
  s3Endpoint?: string,
): Promise<TestCloud> {
  const stateDir = await mkdtemp(join(tmpdir(), 'test-cloud-'));
  const remove = () => rm(stateDir, { recursive: true, force: true });
  try {
    // Ports of its own, never the configured ones: several clouds may run at once.
    const cloud = await startLocalCloud({
      stateDir,
      parts,
      ports: {},
      ...(s3Endpoint === undefined ? {} : { s3Endpoint }),
    });
    return {
      env: cloud.env,
      get parts() {
        return cloud.parts;
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
