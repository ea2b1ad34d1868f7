/** What the supervisor must know of a part of the local cloud. */
import { get } from 'node:http';

export const partNames = ['postgres', 's3', 'emr', 'redshift'] as const;
export type PartName = (typeof partNames)[number];

/** A program to start: no shell, its output goes to the part's log. */
export interface PartCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Opens an IPC channel, which tells a Node program that the supervisor is gone. */
  readonly ipc?: boolean;
}

export interface Part {
  readonly name: PartName;
  readonly port: number;
  /** Asks for an orderly end; an unheeded one is followed by SIGKILL. */
  readonly stopSignal: NodeJS.Signals;
  /** Makes what the program needs, before every start, also after a crash. */
  readonly prepare: () => Promise<PartCommand>;
  readonly isHealthy: () => Promise<boolean>;
  /** Makes what clients need, once it answers. */
  readonly afterStart?: () => Promise<void>;
}

export type PartState = 'starting' | 'ready' | 'restarting' | 'stopped' | 'failed';

export interface PartStatus {
  readonly name: PartName;
  readonly state: PartState;
  readonly port: number;
  readonly pid?: number | undefined;
  readonly restarts: number;
  readonly log: string;
}

/** Whether a GET is answered 200 within a second. Not by fetch, which refuses some ports, e.g. 6000. */
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
