/** Services that have outlived a killed supervisor. Their PID files identify them; the next start ends them. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfExists } from '../atomic-file.ts';
import type { ServiceName } from './service.ts';
import { endProcess, isAlive, processIdentity } from '../process-identity.ts';

/** The path of a service's PID file. */
export function pidFile(stateDir: string, service: ServiceName): string {
  return join(stateDir, 'run', `${service}.json`);
}

/** Ends them, but no other process that has got the same PID. Returns their names. */
export async function endLeftovers(
  stateDir: string,
  log: (line: string) => void,
): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const file of readdirSync(join(stateDir, 'run'))) {
    const path = join(stateDir, 'run', file);
    const text = file.endsWith('.json') ? readIfExists(path) : undefined;
    if (text !== undefined) {
      const identity = processIdentity.parse(JSON.parse(text));
      if (isAlive(identity)) {
        const service = file.replace('.json', '');
        log(`${service} (process ${identity.pid}) was left by an earlier supervisor: stopping it`);
        await endProcess(identity, service === 'postgres' ? 'SIGINT' : 'SIGTERM', 20_000);
        ended.push(service);
      }
    }
    rmSync(path, { force: true });
  }
  return ended;
}
