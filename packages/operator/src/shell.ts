/** What a command may do to the terminal and the process it runs in. */
import type { Output } from './output.ts';

export interface Shell {
  readonly env: NodeJS.ProcessEnv;
  /** Progress, on stderr. */
  readonly report: (line: string) => void;
  /** The result. */
  readonly print: (output: Output | string) => void;
  /** Ends the process with this exit code once the command is done. */
  readonly end: (exit: number) => void;
  /** Aborted by SIGTERM and SIGINT, once somebody has asked for it. */
  readonly stopSignal: () => AbortSignal;
}
