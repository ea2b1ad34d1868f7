/** What the supervisor needs to know about a service. */
import { get } from 'node:http';

export const serviceNames = ['postgres', 's3', 'emr', 'redshift'] as const;
export type ServiceName = (typeof serviceNames)[number];
/** `warehouse` is the second port of Redshift, with the PostgreSQL protocol. */
export const portNames = [...serviceNames, 'warehouse'] as const;
export type PortName = (typeof portNames)[number];

/** The ports that the services listen on. */
export function portsOf(services: readonly ServiceName[]): PortName[] {
  return services.includes('redshift') ? [...services, 'warehouse'] : [...services];
}

/** A program to start without a shell; its output goes to the service's log. */
export interface ServiceCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Opens an IPC channel, whose end tells a Node program that the supervisor has died. */
  readonly ipc?: boolean;
}

export interface Service {
  readonly name: ServiceName;
  readonly port: number;
  /** Requests an orderly shutdown. SIGKILL follows if the service ignores it. */
  readonly stopSignal: NodeJS.Signals;
  /** Runs before every start, including restarts. */
  readonly prepare: () => Promise<ServiceCommand>;
  readonly isHealthy: () => Promise<boolean>;
  /** Runs after every start, once the service answers. */
  readonly afterStart?: () => Promise<void>;
}

export type ServiceState = 'starting' | 'ready' | 'restarting' | 'stopped' | 'failed';

export interface ServiceStatus {
  readonly name: ServiceName;
  readonly state: ServiceState;
  readonly port: number;
  readonly pid?: number | undefined;
  readonly restarts: number;
  readonly log: string;
}

/** Whether a GET returns 200 within a second. Does not use fetch, which refuses some ports, e.g. 6000. */
export function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => {
      resolve(false);
    });
  });
}
