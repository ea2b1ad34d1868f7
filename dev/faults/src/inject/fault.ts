/** The ways in which a call to a server can go wrong, and which call of a process is meant. */

export const faults = {
  'killed before': 'SIGKILL when the call arrives; the server never hears of it',
  'killed after': 'the server has applied the call; SIGKILL before its answer is passed on',
  'error reply': 'the server refuses the call once, as it does when it is busy',
  'errors in a row': 'the server refuses the call four times: the client gives up',
  'lost answer': 'the server has applied the call; the connection closes without an answer',
  'answered twice': 'the call reaches the server twice; the second answer is passed on',
} as const;

/** Those that take as long as the client is patient; of HTTP only, where `SOCKET_TIMEOUT` makes it short. */
const faultsOfPatience = {
  'late answer': 'the server has applied the call; its answer comes when the client has given up',
  'applied late': 'the call reaches the server after the client has given up and asked again',
  'cut answer': 'the server has applied the call; the body of its answer ends half-way',
} as const;

export type Fault = keyof typeof faults | keyof typeof faultsOfPatience;

export const lateFaults = Object.keys(faultsOfPatience) as readonly Fault[];

export const isKill = (fault: Fault): boolean => fault.startsWith('killed');

/** What costs its time is done to a call of HTTP once, not to its repetitions. */
export const isFirstOverHttp = (effect: string): boolean => !/^postgres|#/.test(effect);

/** How often a fault is met before the server is well again. */
export const timesOf = (fault: Fault): number => (fault === 'errors in a row' ? 4 : 1);

export interface Injection {
  /** As the effect book names it, e.g. `s3 PutObject movie_review/load/{ds}/_manifest.json`. */
  readonly effect: string;
  readonly fault: Fault;
}
