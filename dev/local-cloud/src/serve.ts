/** The supervisor: runs the local cloud until it is told to end or a service cannot be kept alive. */
import { writeEnvironmentFile } from './environment-file.ts';
import { startLocalCloud } from './local-cloud.ts';
import { identify } from './process-identity.ts';
import { StateInUse } from './supervisor/state-lock.ts';
import { writeStatus, type CloudStatus } from './supervisor/status-file.ts';

export interface CloudPlace {
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly envFile: string;
}

/** Resolves when all services have ended. @throws when one did not come up or could not be kept alive. */
export async function serve({ stateDir, cacheDir, envFile }: CloudPlace): Promise<void> {
  const supervisor = identify(process.pid);
  if (supervisor === undefined) throw new Error('cannot read the start time of this process');
  const asked = new AbortController();
  const failed = Promise.withResolvers<Error>();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => {
      asked.abort();
    });
  }
  let status: CloudStatus = {
    version: 2,
    supervisor,
    state: 'starting',
    since: now(),
    services: [],
  };
  const tell = (change: Partial<CloudStatus>) => {
    status = { ...status, ...change };
    writeStatus(stateDir, status);
  };
  try {
    await using cloud = await startLocalCloud({
      stateDir,
      cacheDir,
      signal: asked.signal,
      onChange: (services) => {
        tell({ services: [...services] });
      },
      onFailure: (error) => {
        if (!asked.signal.aborted) tell({ state: 'failed', message: error.message });
        failed.resolve(error);
      },
    });
    writeEnvironmentFile(envFile, cloud.env);
    tell({ state: 'ready', since: now() });
    const failure = await Promise.race([failed.promise, aborted(asked.signal)]);
    if (failure !== undefined) throw failure;
    tell({ state: 'stopping' });
  } catch (error) {
    // The other one runs it; that is what was asked for.
    if (error instanceof StateInUse) return;
    if (!asked.signal.aborted) throw error;
  }
  writeStatus(stateDir, { ...status, state: 'stopped', since: now() });
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
}

function now(): string {
  return new Date().toISOString();
}
