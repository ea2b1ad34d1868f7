/** The supervisor: runs the local cloud until a signal arrives or a service cannot be kept running. */
import { writeEnvironmentFile } from '../environment-file.ts';
import { startLocalCloud } from '../local-cloud.ts';
import { identify } from '../process-identity.ts';
import { StateInUse } from '../supervisor/state-lock.ts';
import { writeStatus, type CloudStatus } from '../supervisor/status-file.ts';

export interface CloudPlace {
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly envFile: string;
}

/** Resolves when all services have stopped. @throws if one did not start or could not be kept running. */
export async function serve({ stateDir, cacheDir, envFile }: CloudPlace): Promise<void> {
  const supervisor = identify(process.pid);
  if (supervisor === undefined) throw new Error('cannot read the start time of this process');
  // Inherited by every service: other users may read nothing of what they write.
  process.umask(0o077);
  const stopRequest = new AbortController();
  const failed = Promise.withResolvers<Error>();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => {
      stopRequest.abort();
    });
  }
  let status: CloudStatus = {
    version: 2,
    supervisor,
    state: 'starting',
    since: now(),
    services: [],
  };
  const update = (change: Partial<CloudStatus>) => {
    status = { ...status, ...change };
    writeStatus(stateDir, status);
  };
  try {
    await using cloud = await startLocalCloud({
      stateDir,
      cacheDir,
      signal: stopRequest.signal,
      onChange: (services) => {
        update({ services: [...services] });
      },
      onFailure: (error) => {
        if (!stopRequest.signal.aborted) update({ state: 'failed', message: error.message });
        failed.resolve(error);
      },
    });
    writeEnvironmentFile(envFile, cloud.env);
    update({ state: 'ready', since: now() });
    const failure = await Promise.race([failed.promise, aborted(stopRequest.signal)]);
    if (failure !== undefined) throw failure;
    update({ state: 'stopping' });
  } catch (error) {
    // Another supervisor runs the cloud already, so there is nothing to do.
    if (error instanceof StateInUse) return;
    if (!stopRequest.signal.aborted) throw error;
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
