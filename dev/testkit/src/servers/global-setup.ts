/** Runs once per vitest run: starts the containers that all test files share. Does nothing for the local backend. */
import { env, stderr } from 'node:process';
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import { integrationBackend } from './backend.ts';

type Addresses = NonNullable<ProvidedContext['containers']>;

/** Returns the teardown function. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const backend = integrationBackend();
  stderr.write(`integration backend: ${backend}\n`);
  if (backend === 'local') return () => Promise.resolve();
  // A large module that the local backend does not need.
  const { addressesVariable, startContainers } = await import('./containers.ts');
  const given = env[addressesVariable];
  if (given !== undefined) {
    project.provide('containers', JSON.parse(given) as Addresses);
    return () => Promise.resolve();
  }
  const containers = await startContainers();
  const { databaseUrl, awsEndpoint } = containers;
  project.provide('containers', { databaseUrl, awsEndpoint });
  return async () => {
    await containers[Symbol.asyncDispose]();
  };
}
