/** What a command may do to the terminal and the process it runs in. */
import type { OptionName } from './command-line/option-names.ts';
import type { Output } from './output.ts';
import type { Terminal } from './progress/terminal.ts';

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
  /** How the person typed an option. */
  readonly optionName: OptionName;
  /** A question whose answer is y or N; undefined where nobody can answer. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
  /** Where lines can be drawn again; undefined where progress is written line by line. */
  readonly terminal?: Terminal | undefined;
  /** The columns of the terminal that shows the result; undefined where there is none. */
  readonly resultWidth: number | undefined;
}
