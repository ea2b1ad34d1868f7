/** Puts a proxy in front of each server of a cloud, for one process; the proxies follow one fault schedule. */
import { type Controls, openGate } from './controls.ts';
import type { HttpService } from './error-replies.ts';
import { startHttpProxy } from './http-proxy.ts';
import { startPostgresProxy } from './postgres-proxy.ts';

export type Variables = Readonly<Record<string, string>>;

/** A child process or a process group. */
interface Killable {
  readonly kill: (signal: 'SIGKILL') => unknown;
}

export interface FaultProxy extends AsyncDisposable {
  /** The given variables with the addresses of the proxies. */
  readonly env: Variables;
  /** Sets the process that a fault kills. */
  readonly killTarget: (victim: Killable) => void;
}

type ProxyOptions = Pick<Controls, 'schedule' | 'listen'> & Partial<Pick<Controls, 'gate'>>;

const endpoints: readonly (readonly [variable: string, service: HttpService])[] = [
  ['AWS_ENDPOINT_URL_S3', 's3'],
  ['AWS_ENDPOINT_URL_EMR', 'emr'],
  ['AWS_ENDPOINT_URL_REDSHIFT_DATA', 'redshift-data'],
  ['AWS_ENDPOINT_URL_SECRETS_MANAGER', 'secretsmanager'],
];

export async function openFaultProxy(
  servers: Variables,
  { schedule, gate = openGate, listen }: ProxyOptions,
): Promise<FaultProxy> {
  await using started = new AsyncDisposableStack();
  let victim: Killable | undefined;
  const controls: Controls = {
    schedule,
    gate,
    kill: () => victim?.kill('SIGKILL'),
    ...(listen === undefined ? {} : { listen }),
  };
  const env: Record<string, string> = { ...servers };
  for (const [variable, service] of endpoints) {
    const target = servers[variable];
    if (target === undefined) continue;
    env[variable] = started.use(await startHttpProxy(service, target, controls)).url;
  }
  const database = servers['SOURCE_DATABASE_URL'];
  if (database !== undefined) {
    env['SOURCE_DATABASE_URL'] = started.use(await startPostgresProxy(database, controls)).url;
  }
  const all = started.move();
  return {
    env,
    killTarget: (child) => {
      victim = child;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
