/** Chooses the port of each service: the configured one, the one of the last start, or a free one. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { PortName } from './supervisor/service.ts';

export type Ports = Partial<Record<PortName, number>>;

/** Redshift's own port, where people and tools look for a warehouse. Taken if it is free and nothing else is remembered. */
export const preferredPorts: Ports = { warehouse: 5439 };

/** Ports from LOCAL_CLOUD_{POSTGRES,S3,EMR,REDSHIFT,WAREHOUSE}_PORT. @throws if one is not a port number. */
export function configuredPorts(
  services: readonly PortName[],
  environment: Readonly<Record<string, string | undefined>>,
): Ports {
  const ports: Ports = {};
  for (const service of services) {
    const variable = portVariable(service);
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    const port = Number(text);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new Error(
        `${variable} is not a port number (1 to 65535; 0 takes a free one and remembers it)`,
      );
    }
    ports[service] = port;
  }
  return ports;
}

/** Names from LOCAL_CLOUD_HOSTS, separated by commas. */
export const configuredHosts = (
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] =>
  (environment['LOCAL_CLOUD_HOSTS'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/**
 * Chooses one port for each service. A remembered port that is taken is replaced.
 * @throws if a configured port is taken.
 */
export async function choosePorts(
  services: readonly PortName[],
  configured: Ports,
  remembered: Ports,
): Promise<Record<PortName, number>> {
  const chosen = new Map<PortName, number>();
  for (const service of services) {
    const wanted = configured[service];
    if (wanted === undefined || wanted === 0) continue;
    if ([...chosen.values()].includes(wanted) || !(await isFree(wanted))) {
      throw new Error(
        `port ${wanted} for ${service} is taken: free it, or choose another one with ${portVariable(service)}`,
      );
    }
    chosen.set(service, wanted);
  }
  for (const service of services) {
    if (chosen.has(service)) continue;
    const taken = [...chosen.values()];
    const known = remembered[service];
    const usable = known !== undefined && !taken.includes(known) && (await isFree(known));
    chosen.set(service, usable ? known : await freePort(taken));
  }
  return Object.fromEntries(chosen) as Record<PortName, number>;
}

/** Below the ephemeral ports of Linux (from 32768) and macOS (from 49152). */
export async function freePort(taken: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error('found no free port between 20000 and 32000 on 127.0.0.1');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

function portVariable(service: PortName): string {
  return `LOCAL_CLOUD_${service.toUpperCase()}_PORT`;
}
