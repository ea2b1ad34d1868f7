/** The closed set of ways to fail: what a scheduler does about each, and what a person does. */

export interface FailureKind {
  /** Exit code, after sysexits(3) and 128 + SIGTERM. */
  readonly exit: number;
  readonly retry: boolean;
  /** What a person does when this kind is reported; docs/runbook.md has a heading for each kind. */
  readonly action: string;
}

/** Ordered from the most severe: the exit code of a range of days is that of its most severe day. */
export const failureKinds = {
  bug: {
    exit: 70,
    retry: false,
    action: 'report it with the log; LOG_STACK=1 shows the stack trace',
  },
  configuration: {
    exit: 78,
    retry: false,
    action: 'correct the named variables or resources; --help lists all of them',
  },
  usage: { exit: 64, retry: false, action: 'correct the command line; see --help' },
  data: {
    exit: 65,
    retry: false,
    action: 'nothing was published; look at the named input, correct it and run the day again',
  },
  interrupted: { exit: 143, retry: true, action: 'run the day again' },
  'not-ready': {
    exit: 75,
    retry: true,
    action: 'run the upstream job for this day, or wait for it with --wait',
  },
  transient: { exit: 75, retry: true, action: 'run the day again; if it persists, see the cause' },
} as const satisfies Record<string, FailureKind>;

export type FailureKindName = keyof typeof failureKinds;

export interface FailureContext {
  readonly cause?: unknown;
  /** What to do, when it is more exact than the kind's own advice. */
  readonly action?: string;
}

/** The only error a job throws on purpose. Its message says what was found and what was expected. */
export class Failure extends Error {
  readonly kind: FailureKindName;
  readonly action: string;

  constructor(kind: FailureKindName, message: string, context: FailureContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.action = context.action ?? failureKinds[kind].action;
  }

  get exit(): number {
    return failureKinds[this.kind].exit;
  }
}

/** Every error as a Failure: what no rule knows is a bug, never a silent retry. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Failure('bug', `unexpected error: ${text}`, { cause: error });
}

const severity = Object.keys(failureKinds) as FailureKindName[];

/** The most severe of several failures. */
export function mostSevere(failures: readonly Failure[]): Failure | undefined {
  return [...failures].sort((a, b) => severity.indexOf(a.kind) - severity.indexOf(b.kind))[0];
}
