/** All the servers of a cloud as one process sees them, each behind a proxy that obeys one effect book. */
import { type Controls, openGate } from './controls.ts';
import type { HttpService } from './error-replies.ts';
import { startHttpProxy } from './http-proxy.ts';
import { startPostgresProxy } from './postgres-proxy.ts';

export type Variables = Readonly<Record<string, string>>;

/** A child process, or whatever else dies at once. */
interface Victim {
  readonly kill: (signal: 'SIGKILL') => unknown;
}

export interface FaultProxy extends AsyncDisposable {
  /** The given variables, with the proxies' addresses in place of the servers'. */
  readonly env: Variables;
  /** Names the process that a kill is meant for. */
  readonly aim: (victim: Victim) => void;
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
  let victim: Victim | undefined;
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
    aim: (child) => {
      victim = child;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
