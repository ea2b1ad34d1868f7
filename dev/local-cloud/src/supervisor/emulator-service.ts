/** EMR and Redshift: programs of packages that this one does not import, each started by its path. */
import { join } from 'node:path';
import { workspaceRoot } from '../installation.ts';
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
  ];
  return {
    name,
    port,
    stopSignal: 'SIGTERM',
    prepare: () =>
      Promise.resolve({ file: process.execPath, args: [program, ...place], ipc: true }),
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/health`),
  };
}

/** Redshift with a port for people. The password is in the environment, which other users cannot read. */
export function withWarehouse(service: Service, port: number, password: string): Service {
  const env = {
    LOCAL_CLOUD_WAREHOUSE_PORT: String(port),
    LOCAL_CLOUD_WAREHOUSE_PASSWORD: password,
  };
  return {
    ...service,
    prepare: async () => {
      const command = await service.prepare();
      return { ...command, env: { ...command.env, ...env } };
    },
  };
}
