/** What the proxies of one process share: the fault schedule, the kill, and the gate. */
import type { FaultSchedule } from './fault-schedule.ts';

/** Holds a call until it may proceed. The caller calls the returned function when the call has ended. */
export type Gate = (name: string) => Promise<() => void>;

export interface Controls {
  readonly schedule: FaultSchedule;
  readonly kill: () => void;
  readonly gate: Gate;
  /** Receives the name and body of each request. */
  readonly listen?: (name: string, body: string) => void;
}

export const openGate: Gate = () => Promise.resolve(() => undefined);
