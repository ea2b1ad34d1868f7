/** A job's log as the operator hears it: kept in a file, and read for what the job is doing. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readableLines } from '@user-behaviour/shared/runner/readable-log';

const workspace = join(import.meta.dirname, '../../../..');

/** Lines that are shown of a job that ended without a word. */
const shown = 5;

/** Characters of a log that are kept at most. */
const room = 16 * 1024 * 1024;

export class JobLog {
  /** As people open it. */
  readonly path: string;
  /** Why it is not whole, e.g. because the disk is full; the job goes on. */
  #error: Error | undefined;
  readonly #file: string;
  readonly #format: (line: string) => string;
  #last: string[] = [];
  #written = 0;

  /** Starts the file, or goes on with it. */
  constructor(job: string, folder: string) {
    this.#file = jobLogFile(folder, job);
    this.path = relative(workspace, this.#file);
    this.#format = readableLines(job, "UTC:yyyy-mm-dd HH:MM:ss 'UTC'");
    this.#try(() => {
      mkdirSync(folder, { recursive: true });
      appendFileSync(this.#file, '');
    });
  }

  add(line: string): void {
    const text = this.#format(line).trimEnd();
    this.#written += text.length;
    this.#try(() => {
      if (this.#written > room) throw new Error(`it has more than ${String(room)} characters`);
      appendFileSync(this.#file, `${text}\n`);
    });
    this.#last = [...this.#last, text].slice(-shown);
  }

  get last(): readonly string[] {
    const lost = this.#error === undefined ? [] : [`its log is not whole: ${this.#error.message}`];
    return [...this.#last, ...lost];
  }

  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#error ??= error as Error;
    }
  }
}

/** In the folder of a command's journal. */
export const jobLogFile = (folder: string, job: string): string => join(folder, `${job}.log`);

interface LogEvent {
  readonly message: string;
  readonly isWarning: boolean;
}

/** A line of a job's log in JSON; undefined for anything else. */
export function eventOf(line: string): LogEvent | undefined {
  try {
    const event = JSON.parse(line) as { readonly msg?: unknown; readonly level?: unknown } | null;
    const message = event?.msg;
    return typeof message === 'string' ? { message, isWarning: event?.level === 40 } : undefined;
  } catch {
    return undefined;
  }
}
