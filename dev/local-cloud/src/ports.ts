/** Which port each part listens on: configured, remembered, or a free one. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { PartName } from './supervisor/service.ts';

export type Ports = Partial<Record<PartName, number>>;

/** Ports from LOCAL_CLOUD_{POSTGRES,S3,EMR,REDSHIFT}_PORT. @throws when one is no port number. */
export function configuredPorts(
  parts: readonly PartName[],
  environment: Readonly<Record<string, string | undefined>>,
): Ports {
  const ports: Ports = {};
  for (const part of parts) {
    const variable = portVariable(part);
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new Error(`${variable} is no port number (1 to 65535)`);
    }
    ports[part] = port;
  }
  return ports;
}

/**
 * One port for each part. A configured one must be free; a remembered one that is taken is replaced.
 * @throws when a configured port is taken.
 */
export async function choosePorts(
  parts: readonly PartName[],
  configured: Ports,
  remembered: Ports,
): Promise<Record<PartName, number>> {
  const chosen = new Map<PartName, number>();
  for (const part of parts) {
    const wanted = configured[part];
    if (wanted === undefined) continue;
    if ([...chosen.values()].includes(wanted) || !(await isFree(wanted))) {
      throw new Error(
        `port ${wanted} for ${part} is taken: free it, or name another by ${portVariable(part)}`,
      );
    }
    chosen.set(part, wanted);
  }
  for (const part of parts) {
    if (chosen.has(part)) continue;
    const taken = [...chosen.values()];
    const known = remembered[part];
    const usable = known !== undefined && !taken.includes(known) && (await isFree(known));
    chosen.set(part, usable ? known : await freePort(taken));
  }
  return Object.fromEntries(chosen) as Record<PartName, number>;
}

/** Below the ports that Linux (from 32768) and macOS (from 49152) give to outgoing connections. */
async function freePort(taken: readonly number[]): Promise<number> {
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

function portVariable(part: PartName): string {
  return `LOCAL_CLOUD_${part.toUpperCase()}_PORT`;
}
