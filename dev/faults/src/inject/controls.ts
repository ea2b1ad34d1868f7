/** What the proxies of one process share: its book, its end, and who may go next. */
import type { FaultSchedule } from './fault-schedule.ts';

/** Holds a call until it may go on; the function it gives tells that the call is over. */
export type Gate = (name: string) => Promise<() => void>;

export interface Controls {
  readonly schedule: FaultSchedule;
  readonly kill: () => void;
  readonly gate: Gate;
  /** Told each request's name and body. */
  readonly listen?: (name: string, body: string) => void;
}

export const openGate: Gate = () => Promise.resolve(() => undefined);
