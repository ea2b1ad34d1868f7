/** A job's log while the operator draws its progress: kept in a file, and read for what the job is doing. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readableLines } from '@user-behaviour/shared/runner/readable-log';

const workspace = join(import.meta.dirname, '../../../..');

/** Lines that are shown of a job that ended without a word. */
const shown = 5;

export class JobLog {
  /** As people open it. */
  readonly path: string;
  /** Why it is not whole, e.g. because the disk is full; the job goes on. */
  #error: Error | undefined;
  readonly #file: string;
  readonly #format: (line: string) => string;
  #last: string[] = [];

  /** Starts an empty file, `{folder}/{job}.log`. */
  constructor(job: string, folder = join(workspace, '.local/logs')) {
    this.#file = join(folder, `${job}.log`);
    this.path = relative(workspace, this.#file);
    this.#format = readableLines(job, "UTC:yyyy-mm-dd HH:MM:ss 'UTC'");
    this.#try(() => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(this.#file, '');
    });
  }

  add(line: string): void {
    const text = this.#format(line).trimEnd();
    this.#try(() => {
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
