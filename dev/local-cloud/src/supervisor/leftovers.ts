/** Services that outlived a killed supervisor: each is named by a pid file and ended before a new start. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../atomic-file.ts';
import type { ServiceName } from './service.ts';
import { endProcess, isAlive, processIdentity } from '../process-identity.ts';

/** Where the pid file of a service lies. */
export function pidFile(stateDir: string, service: ServiceName): string {
  return join(stateDir, 'run', `${service}.json`);
}

/** Ends them, and no process that only got the number of one. Returns the names of those ended. */
export async function endLeftovers(
  stateDir: string,
  log: (line: string) => void,
): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const file of readdirSync(join(stateDir, 'run'))) {
    const path = join(stateDir, 'run', file);
    const text = file.endsWith('.json') ? readIfThere(path) : undefined;
    if (text !== undefined) {
      const identity = processIdentity.parse(JSON.parse(text));
      if (isAlive(identity)) {
        const service = file.replace('.json', '');
        log(`${service} (process ${identity.pid}) was left by an earlier supervisor: ending it`);
        await endProcess(identity, service === 'postgres' ? 'SIGINT' : 'SIGTERM', 20_000);
        ended.push(service);
      }
    }
    rmSync(path, { force: true });
  }
  return ended;
}
