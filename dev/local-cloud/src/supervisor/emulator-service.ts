/** EMR and Redshift: programs of packages that this one does not import, each started by its path. */
import { join } from 'node:path';
import { defaultPython, workspaceRoot } from '../installation.ts';
import type { KeyPair } from '../key-pair.ts';
import { answersOk, type Service } from './service.ts';

export interface EmulatorPlace {
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly port: number;
  readonly s3Endpoint: string;
  readonly keys: KeyPair;
  readonly allowedHosts: readonly string[];
  readonly takesFaults: boolean;
}

export function emulatorService(
  name: 'emr' | 'redshift',
  { stateDir, cacheDir, port, s3Endpoint, keys, allowedHosts, takesFaults }: EmulatorPlace,
): Service {
  const program = join(workspaceRoot, `dev/local-${name}/src/main.ts`);
  const place = [
    `--port=${port}`,
    `--s3=${s3Endpoint}`,
    `--state=${stateDir}`,
    `--cache=${cacheDir}`,
    ...(name === 'emr' ? [`--python=${defaultPython}`] : []),
    ...allowedHosts.map((name) => `--allow-host=${name}`),
    ...(takesFaults ? ['--take-faults'] : []),
  ];
  // Not in the arguments, which other users can read.
  const env = {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
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

/** Redshift with the port of the PostgreSQL protocol. The password is in the environment, which other users cannot read. */
export function withWarehouse(service: Service, port: number, password: string): Service {
  const prepare = async () => {
    const { args, env, ...command } = await service.prepare();
    return {
      ...command,
      args: [...args, `--sql-port=${port}`],
      env: { ...env, REDSHIFT_PASSWORD: password },
    };
  };
  return { ...service, prepare };
}
