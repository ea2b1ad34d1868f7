/** EMR and Redshift: programs of packages that this one does not import, each started by its path. */
import { join } from 'node:path';
import { credentials } from '../environment.ts';
import { defaultPython, workspaceRoot } from '../installation.ts';
import { answersOk, type Service } from './service.ts';

export interface EmulatorPlace {
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly port: number;
  readonly s3Endpoint: string;
}

export function emulatorService(
  name: 'emr' | 'redshift',
  { stateDir, cacheDir, port, s3Endpoint }: EmulatorPlace,
): Service {
  const program = join(workspaceRoot, `dev/local-${name}/src/main.ts`);
  const place = [
    `--port=${port}`,
    `--s3=${s3Endpoint}`,
    `--state=${stateDir}`,
    `--cache=${cacheDir}`,
    ...(name === 'emr' ? [`--python=${defaultPython}`] : []),
  ];
  const env = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return {
    name,
    port,
    stopSignal: 'SIGTERM',
    prepare: () =>
      Promise.resolve({ file: process.execPath, args: [program, ...place], env, ipc: true }),
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/health`),
  };
}
