/** The faults that can be injected into a call to a server, and the call that is meant. */

export const faults = {
  'killed before': 'SIGKILL when the call arrives; it never reaches the server',
  'killed after': 'the server applies the call; SIGKILL before the reply is passed on',
  'error reply': 'the server rejects the call once, as it does when it is busy',
  'errors in a row': 'the server rejects the call four times, and the client gives up',
  'lost answer': 'the server applies the call; the connection closes without a reply',
  'answered twice': 'the call reaches the server twice; the second reply is passed on',
} as const;

/** Faults that last until the client times out; only for HTTP, where `SOCKET_TIMEOUT` shortens that. */
const timeoutFaults = {
  'late answer': 'the server applies the call; the reply comes after the client has given up',
  'applied late': 'the call reaches the server after the client has given up and retried',
  'cut answer': 'the server applies the call; the body of the reply ends half-way',
} as const;

export type Fault = keyof typeof faults | keyof typeof timeoutFaults;

export const lateFaults = Object.keys(timeoutFaults) as readonly Fault[];

export const isKill = (fault: Fault): boolean => fault.startsWith('killed');

/** Selects the first HTTP call of each name: the late faults take too long for every repetition. */
export const isFirstOverHttp = (effect: string): boolean => !/^postgres|#/.test(effect);

/** How many calls in a row a fault affects. */
export const repetitionsOf = (fault: Fault): number => (fault === 'errors in a row' ? 4 : 1);

export interface Injection {
  /** The name of the call, e.g. `s3 PutObject movie_review/load/{ds}/_manifest.json`. */
  readonly effect: string;
  readonly fault: Fault;
}
