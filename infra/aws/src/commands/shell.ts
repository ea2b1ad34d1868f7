/** What a command may do to the terminal and the process it runs in. */
import { Failure } from '@user-behaviour/shared/failure';

export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Progress, on stderr. */
  readonly report: (line: string) => void;
  /** The result, on stdout. */
  readonly print: (line: string) => void;
  /** Aborted by SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
  /** A question whose answer is y or N; undefined where nobody can answer. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
  /** Milliseconds between two looks at what runs on AWS. */
  readonly pause: number;
}

/** @throws a usage failure unless the answer is yes, or `--yes` was given. */
export async function requireYes({ ask }: Shell, yes: boolean, what: string): Promise<void> {
  if (yes) return;
  if (ask === undefined) {
    throw new Failure('usage', `${what}: nothing was done`, { action: 'add --yes (YES=1)' });
  }
  if (await ask(`${what}. Go on? [y/N] `)) return;
  throw new Failure('usage', 'nothing was done, because the answer was not y', { action: '' });
}
