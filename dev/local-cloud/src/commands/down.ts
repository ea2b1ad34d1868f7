/** Stops the local cloud and keeps its data. */
import { globSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { endLeftovers } from '../supervisor/leftovers.ts';
import { commandLine, endProcess, identify, workingFolder } from '../process-identity.ts';
import { workspaceRoot } from '../installation.ts';
import { shortPath } from './short-path.ts';
import { lockState, stateOwner } from '../supervisor/state-lock.ts';

/** Longer than it takes to stop all services one after another. */
const graceMs = 90_000;

/** Also ends services that a killed supervisor left running. If nothing runs, it only says so. */
export async function down(stateDir: string, say: (line: string) => void): Promise<void> {
  const began = performance.now();
  const owner = stateOwner(stateDir);
  if (owner !== undefined) {
    for (const { pid, command } of running(join(dirname(stateDir), 'running'))) {
      say(`${command} is running (process ${pid}): it is stopped; start it again after make up`);
      const identity = identify(pid);
      if (identity !== undefined) await endProcess(identity, 'SIGTERM', graceMs);
    }
    say(`stopping (process ${owner.pid})`);
    await endProcess(owner, 'SIGTERM', graceMs);
  }
  mkdirSync(join(stateDir, 'run'), { recursive: true, mode: 0o700 });
  const release = lockState(stateDir);
  const left = await endLeftovers(stateDir, say).finally(release);
  if (owner === undefined && left.length === 0) {
    say('is not up');
    return;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`stopped after ${seconds} s; the data are kept in ${shortPath(stateDir)}`);
}

/**
 * The commands of this checkout's operator that run now. A killed one leaves its file, and another program may have
 * got its number: that one is none of ours.
 */
function running(folder: string): readonly { readonly pid: number; readonly command: string }[] {
  return globSync('*', { cwd: folder })
    .filter((name) => isOperator(Number(name)))
    .map((name) => ({ pid: Number(name), command: readFileSync(join(folder, name), 'utf8') }));
}

const isOperator = (pid: number): boolean =>
  commandLine(pid).includes('packages/operator/src/main.ts') &&
  workingFolder(pid) === realpathSync(workspaceRoot);
