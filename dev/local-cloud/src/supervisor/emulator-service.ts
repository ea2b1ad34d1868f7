/** EMR and Redshift: programs of packages that this one does not import, each started by its path. */
import { join } from 'node:path';
import { workspaceRoot } from '../installation.ts';
import { answersOk, type Part } from './service.ts';

export interface EmulatorPlace {
  readonly stateDir: string;
  readonly port: number;
  readonly s3Endpoint: string;
}

export function emulatorService(
  name: 'emr' | 'redshift',
  { stateDir, port, s3Endpoint }: EmulatorPlace,
): Part {
  const program = join(workspaceRoot, `dev/local-${name}/src/main.ts`);
  const args = [program, `--port=${port}`, `--s3=${s3Endpoint}`, `--state=${stateDir}`];
  return {
    name,
    port,
    stopSignal: 'SIGTERM',
    prepare: () => Promise.resolve({ file: process.execPath, args, ipc: true }),
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/health`),
  };
}
