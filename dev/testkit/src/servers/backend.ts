/** Which servers the integration tests run against. */
import { env } from 'node:process';

const backends = ['local', 'docker'] as const;
export type IntegrationBackend = (typeof backends)[number];

/** `INTEGRATION_BACKEND`; `local` where it is not set. @throws for a name that no backend has. */
export function integrationBackend(): IntegrationBackend {
  const name = env['INTEGRATION_BACKEND'] ?? 'local';
  const backend = backends.find((known) => known === name);
  if (backend === undefined) {
    throw new Error(
      `INTEGRATION_BACKEND=${name}: there is no such backend; use ${backends.join(' or ')}, or leave it unset`,
    );
  }
  return backend;
}
