/** The servers that the integration tests use. */
import { env } from 'node:process';

const backends = ['local', 'docker'] as const;
export type IntegrationBackend = (typeof backends)[number];

/** `INTEGRATION_BACKEND`, or `local` if it is unset. @throws for an unknown name. */
export function integrationBackend(): IntegrationBackend {
  const name = env['INTEGRATION_BACKEND'] ?? 'local';
  const backend = backends.find((known) => known === name);
  if (backend === undefined) {
    throw new Error(
      `INTEGRATION_BACKEND=${name} is unknown: use ${backends.join(' or ')}, or leave it unset`,
    );
  }
  return backend;
}
