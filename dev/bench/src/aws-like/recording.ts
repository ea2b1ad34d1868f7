/** What the fronts have seen: calls, and statements and steps with their ends. Times are milliseconds since 1970. */

/** In the order in which they explain a moment that belongs to several: who waits for a step also polls it. */
export const waitKinds = ['step', 'statement', 'unnoticed', 'data-api', 'emr', 's3'] as const;
export type WaitKind = (typeof waitKinds)[number];

export interface Wait {
  readonly kind: WaitKind;
  /** The process that waited. */
  readonly job: string;
  readonly from: number;
  readonly until: number;
}

export interface Call {
  readonly service: 's3' | 'emr' | 'data-api';
  readonly job: string;
  /** The method of S3, else the operation. */
  readonly operation: string;
  readonly arrived: number;
}

export interface Recording {
  readonly waits: Wait[];
  readonly calls: Call[];
  /** Transactions that load days. */
  loads: number;
}

export const emptyRecording = (): Recording => ({ waits: [], calls: [], loads: 0 });

export const now = (): number => performance.timeOrigin + performance.now();

/**
 * Splits the time between the two moments by what was waited for; a moment counts once. The rest is the
 * process's own. Milliseconds.
 */
export function splitTime(
  { from, until }: { readonly from: number; readonly until: number },
  waits: readonly Wait[],
): Readonly<Record<WaitKind | 'own', number>> {
  const split = Object.fromEntries([...waitKinds, 'own'].map((kind) => [kind, 0])) as Record<
    WaitKind | 'own',
    number
  >;
  const edges = waits
    .filter((wait) => wait.until > from && wait.from < until)
    .flatMap(({ kind, from: begin, until: end }) => [
      { at: Math.max(begin, from), kind, change: 1 },
      { at: Math.min(end, until), kind, change: -1 },
    ])
    .sort((a, b) => a.at - b.at);
  const open = new Map<WaitKind, number>();
  let at = from;
  for (const edge of [...edges, { at: until, kind: 's3' as const, change: 0 }]) {
    const kind = waitKinds.find((one) => (open.get(one) ?? 0) > 0) ?? 'own';
    split[kind] += edge.at - at;
    at = edge.at;
    open.set(edge.kind, (open.get(edge.kind) ?? 0) + edge.change);
  }
  return split;
}

/** The most calls that arrived within one second. */
export function mostInASecond(calls: readonly Call[]): number {
  const arrivals = calls.map(({ arrived }) => arrived).sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, arrived] of arrivals.entries()) {
    while (arrived - (arrivals[first] ?? arrived) >= 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
