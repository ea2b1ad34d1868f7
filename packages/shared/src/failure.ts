/**
 * The failure policy: every kind of failure with its exit code, retry rule and advice. Jobs, the operator
 * and every retry loop read it. Tests check that cron, Kubernetes and Airflow follow it.
 */

export interface FailureKind {
  /** Exit code, after sysexits(3) and 128 + SIGTERM. */
  readonly exit: number;
  /**
   * Whether the same work may succeed later. `soon`: after a pause. `later`: after an upstream has been
   * published, so a scheduler retries, but a caller that runs the upstream itself does not.
   */
  readonly retry: 'never' | 'later' | 'soon';
  /** What to do about it; docs/runbook.md has a section for each kind. */
  readonly action: string;
}

/** The most severe kind first: it decides the exit code of a range of days. */
export const failureKinds = {
  bug: {
    exit: 70,
    retry: 'never',
    action: 'report it with the log; LOG_STACK=1 adds the stack trace',
  },
  configuration: {
    exit: 78,
    retry: 'never',
    action: 'correct the named variables or resources; --help lists all of them',
  },
  usage: { exit: 64, retry: 'never', action: 'correct the command line; see --help' },
  data: {
    exit: 65,
    retry: 'never',
    action: 'nothing was published; correct the named input, then run the day again',
  },
  interrupted: { exit: 143, retry: 'soon', action: 'run the day again' },
  'not-ready': {
    exit: 75,
    retry: 'later',
    action: 'run the upstream job for this day, or wait for it with --wait',
  },
  transient: {
    exit: 75,
    retry: 'soon',
    action: 'run the day again; if it persists, see the cause',
  },
  'report-lost': {
    exit: 74,
    retry: 'never',
    action:
      'the work is done, and a rerun would change nothing; give stdout and stderr a place with room',
  },
} as const satisfies Record<string, FailureKind>;

export type FailureKindName = keyof typeof failureKinds;

const kinds = Object.entries(failureKinds) as readonly (readonly [FailureKindName, FailureKind])[];
const severity = kinds.map(([name]) => name);

export const isFailureKind = (name: string | undefined): name is FailureKindName =>
  severity.some((known) => known === name);

export interface FailureContext {
  readonly cause?: unknown;
  /** Replaces the kind's advice where more is known. */
  readonly action?: string;
}

/** The only error that a job throws deliberately. Its message says what was found and what was expected. */
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

/** Converts any error to a Failure. An unknown error is a bug and is never retried. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Failure('bug', `unexpected error: ${text}`, { cause: error });
}

/** Whether the same call may succeed after a pause. */
export const retriesSoon = (kind: FailureKindName): boolean => failureKinds[kind].retry === 'soon';

/** The exit codes after which a scheduler runs the job again. */
export const retriedExits: readonly number[] = [
  ...new Set(kinds.filter(([, { retry }]) => retry !== 'never').map(([, { exit }]) => exit)),
];

/** The most severe kind with this exit code; an unknown code is a bug. */
export const kindOfExit = (exit: number): FailureKindName =>
  kinds.find(([, kind]) => kind.exit === exit)?.[0] ?? 'bug';

/** The most severe of several failures. */
export function mostSevere(failures: readonly Failure[]): Failure | undefined {
  return [...failures].sort((a, b) => severity.indexOf(a.kind) - severity.indexOf(b.kind))[0];
}

/** Whether a process that ended with this code has done its work. */
export const isDone = (exit: number): boolean =>
  exit === 0 || exit === failureKinds['report-lost'].exit;

/**
 * The most severe of several exit codes; 0 when all are 0. An unknown code, e.g. of a killed process, says
 * less than that of any known failure; without one, it is a bug.
 */
export function mostSevereExit(exits: readonly number[]): number {
  const failed = exits.filter((exit) => !isDone(exit));
  if (failed.length === 0) return exits.find((exit) => exit !== 0) ?? 0;
  const [, kind] = kinds.find(([, { exit }]) => failed.includes(exit)) ?? [];
  return (kind ?? failureKinds.bug).exit;
}
